// Package policy decides: from what a code claims, the rules of the day and the
// place and the time it makes a [Verdict], green, amber or red, with the
// reasons for it.
//
//	rules, err := policy.Load(os.DirFS(bundle)) // or policy.Default()
//	verdict := rules.Judge(policy.Input{Now: now, TrustAt: …, RulesAt: …}, cred)
//
// # How a verdict is made
//
//  1. What proves nothing gives no green: a forged, revoked or expired code is
//     red, one of an unknown issuer amber, an ID card or a personal QR amber as
//     well ("identified").
//  2. Each dose, test, recovery and visit is held against the limits of the day:
//     by the shipped policy a dose is at least 14 days and at most 12 months old,
//     a test at most 72 hours, a recovery at most 6 months.
//  3. What holds must satisfy one of the policy's requirements, by default any
//     one of these events; a policy may ask for a dose and a test together. What
//     is missing then is a reason ("needs-test") and the next code that the same
//     holder shows is judged together with the first.
//  4. The business rules (EU DCC, CertLogic) of the country of arrival and of the
//     issuer's country must hold for every certificate that has a payload for
//     them.
//  5. Stale trust data or rules turn green to amber, and so do those that are too
//     old or of unknown age.
//
// The gravest reason gives the level. Limits, requirements, ages and the level of
// most reasons are data, see [Policy]; what no data may loosen is marked in the
// table of reasons.
//
// # Times
//
// A day given as a date alone begins at 00:00 UTC, as CertLogic has it. Periods
// are ISO 8601 durations; years and months are those of the calendar.
package policy
