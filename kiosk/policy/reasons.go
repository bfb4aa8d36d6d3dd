package policy

import (
	"cmp"
	"slices"
)

// The codes of all reasons.
const (
	DoseValid     = "dose-valid"
	TestNegative  = "test-negative"
	RecoveryValid = "recovery-valid"
	SlipAccepted  = "slip-accepted"
	HolderMatches = "holder-matches"
	PassAccepted  = "pass-accepted"

	UnknownIssuer    = "unknown-issuer"
	KeyUsage         = "key-usage"
	VerifiableLink   = "verifiable-link"
	Identified       = "identified"
	DocumentDoubtful = "document-doubtful"
	DocumentExpired  = "document-expired"
	PlaceCode        = "place-code"
	StaffBadge       = "staff-badge"
	ProvisioningCode = "provisioning-code"
	NotACredential   = "not-a-credential"

	NoEvent           = "no-event"
	NotAccepted       = "not-accepted"
	OtherDisease      = "other-disease"
	ContentDoubtful   = "content-doubtful"
	ContentUnreadable = "content-unreadable"
	PartMissing       = "part-missing"
	VaccineUnlisted   = "vaccine-unlisted"
	NeedsDose         = "needs-dose"
	NeedsPartialDose  = "needs-partial-dose"
	NeedsTest         = "needs-test"
	NeedsRecovery     = "needs-recovery"
	NeedsVisit        = "needs-visit"
	HolderMismatch    = "holder-mismatch"
	TestInconclusive  = "test-inconclusive"
	SlipAmber         = "slip-amber"
	RuleUndecided     = "rule-undecided"

	TrustStale  = "trust-stale"
	TrustTooOld = "trust-too-old"
	RulesStale  = "rules-stale"
	RulesTooOld = "rules-too-old"

	Forged         = "forged"
	Revoked        = "revoked"
	Expired        = "expired"
	NotYetValid    = "not-yet-valid"
	DoseTooRecent  = "dose-too-recent"
	DoseTooOld     = "dose-too-old"
	DoseIncomplete = "dose-incomplete"
	TestPositive   = "test-positive"
	TestTooOld     = "test-too-old"
	TestTooRecent  = "test-too-recent"
	RecoveryTooNew = "recovery-too-recent"
	RecoveryTooOld = "recovery-too-old"
	SlipRed        = "slip-red"
	RuleFailed     = "rule-failed"
)

// ReasonCode describes one code for those who translate or list them.
type ReasonCode struct {
	Code    string
	Level   Level // by default
	Least   Level // the mildest level that a policy may give it
	Meaning string
}

var reasonTable = []ReasonCode{
	{DoseValid, Green, Green, "the vaccination is complete and within its time"},
	{TestNegative, Green, Green, "a negative test within its time"},
	{RecoveryValid, Green, Green, "a recovery within its time"},
	{SlipAccepted, Green, Green, "a kiosk's slip that says green"},
	{PassAccepted, Green, Green, "a pass whose issuer checks its holder before it issues"},
	{HolderMatches, Green, Green, "the identity document names the holder of the certificate"},

	{UnknownIssuer, Amber, Amber, "signed by a key that the trust data does not have"},
	{KeyUsage, Red, Amber, "signed by a key that may not sign certificates of this kind"},
	{VerifiableLink, Amber, Amber, "a signed link to a document, which the kiosk does not fetch"},
	{Identified, Amber, Amber, "an unsigned code: says who, proves nothing"},
	{DocumentDoubtful, Amber, Amber, "an unsigned code that contradicts itself or is of an unknown layout"},
	{DocumentExpired, Amber, Amber, "an unsigned document past its last day"},
	{PlaceCode, Amber, Amber, "the code of a place or an app, not of a person's status"},
	{StaffBadge, Amber, Amber, "a staff badge, not a visitor's code"},
	{ProvisioningCode, Amber, Amber, "a technician's provisioning code"},
	{NotACredential, Neutral, Neutral, "not a document: another code is to be shown"},

	{NoEvent, Amber, Amber, "the certificate holds no dose, test, recovery or visit"},
	{NotAccepted, Amber, Amber, "an event that the policy does not ask for"},
	{ContentDoubtful, Amber, Green, "signed, but the content is not as the format wants it"},
	{ContentUnreadable, Amber, Amber, "the text, or a value that the verdict needs, is there and cannot be read"},
	{PartMissing, Amber, Amber, "one of several codes of a certificate: the others are to be shown"},
	{VaccineUnlisted, Amber, Amber, "a vaccine that the policy does not list for the disease"},
	{OtherDisease, Amber, Amber, "an event for another disease"},
	{NeedsDose, Amber, Amber, "a complete vaccination is needed besides"},
	{NeedsPartialDose, Amber, Amber, "at least one dose is needed besides"},
	{NeedsTest, Amber, Amber, "a negative test is needed besides"},
	{NeedsRecovery, Amber, Amber, "a recovery is needed besides"},
	{NeedsVisit, Amber, Amber, "a slip is needed besides"},
	{HolderMismatch, Amber, Amber, "two codes that do not name the same person"},
	{TestInconclusive, Amber, Amber, "a test without a clear result"},
	{SlipAmber, Amber, Amber, "a kiosk's slip that says amber"},
	{RuleUndecided, Amber, Amber, "a rule could not be evaluated for this certificate"},

	{TrustStale, Amber, Amber, "the trust data has not been renewed for some time"},
	{TrustTooOld, Amber, Amber, "the trust data is too old to say green, or of unknown age"},
	{RulesStale, Amber, Amber, "the rules have not been renewed for some time"},
	{RulesTooOld, Amber, Amber, "the rules are too old to say green, or of unknown age"},

	{Forged, Red, Red, "the signature does not hold"},
	{Revoked, Red, Red, "the issuer or the province has revoked it"},
	{Expired, Red, Amber, "past its technical validity"},
	{NotYetValid, Red, Amber, "before its technical validity"},
	{DoseTooRecent, Red, Amber, "the last dose is not old enough"},
	{DoseTooOld, Red, Amber, "the last dose is too old"},
	{DoseIncomplete, Red, Amber, "doses of the series are missing"},
	{TestPositive, Red, Red, "a recent positive test"},
	{TestTooOld, Red, Amber, "the test is too old"},
	{TestTooRecent, Red, Amber, "the sample was taken in the future"},
	{RecoveryTooNew, Red, Amber, "the recovery is not old enough"},
	{RecoveryTooOld, Red, Amber, "the recovery is too old"},
	{SlipRed, Red, Red, "a kiosk's slip that says red"},
	{RuleFailed, Red, Amber, "a business rule does not hold"},
}

// Reasons lists every code that a verdict may carry, by code.
func Reasons() []ReasonCode {
	all := slices.Clone(reasonTable)
	slices.SortFunc(all, func(a, b ReasonCode) int { return cmp.Compare(a.Code, b.Code) })
	return all
}

// defaultLevel is the level of a reason where the policy does not set it.
var defaultLevel = func() map[string]Level {
	m := make(map[string]Level, len(reasonTable))
	for _, c := range reasonTable {
		m[c.Code] = c.Level
	}
	return m
}()
