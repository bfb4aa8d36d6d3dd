// Package policy decides: from what a code claims, the rules of the day and the
// place and the time it makes a [Verdict], green, amber or red, with the
// reasons for it.
//
//	rules, err := policy.Load(os.DirFS(bundle)) // or policy.Default()
//	verdict := rules.Judge(policy.Input{Now: now, TrustAt: …, RulesAt: …}, cred)
//
// # How a verdict is made
//
//  1. What is no document at all gives no verdict: the level is neutral, and
//     another code is asked for.
//  2. What proves nothing gives no green: a forged, revoked or expired code is
//     red, one that cannot be checked or read amber, an ID card or a personal QR
//     amber as well ("identified").
//  3. Each dose, test, recovery and visit is held against the limits of its
//     disease: by the shipped policy a dose against COVID-19 is at least 14 days
//     and at most 12 months old, a test at most 72 hours, a recovery at most 6
//     months; a dose against yellow fever is at least 10 days old, holds for life
//     and is of a listed vaccine (International Health Regulations, annexes 6 and
//     7). What the certificate itself says of its days holds as well. A value that
//     is there and cannot be read is not zero: where it decides, a person looks.
//  4. What holds must satisfy one of the requirements of one of the diseases, by
//     default any one of these events; a policy may ask for a dose and a test
//     together. What is missing then is a reason ("needs-test") and the next code
//     that the same holder shows is judged together with the first.
//  5. The business rules (EU DCC, CertLogic) of the country of arrival and of the
//     issuer's country must hold for every certificate that has a payload for
//     them.
//  6. Stale trust data or rules turn green to amber, and so do those that are too
//     old or of unknown age.
//
// The gravest reason gives the level. Limits, requirements, ages and the level of
// most reasons are data, see [Policy]; what no data may loosen is marked in the
// table of reasons. [RuleSet.Explain] gives the questions with their answers.
//
// # Times
//
// A day given as a date alone begins at 00:00 UTC, as CertLogic has it. Periods
// are ISO 8601 durations; years and months are those of the calendar.
package policy
