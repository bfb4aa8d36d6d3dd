package hcert

// usage is a set of the kinds of events in a certificate, each of which its key
// must be allowed to sign.
type usage uint8

const (
	usageTest usage = 1 << iota
	usageVaccination
	usageRecovery
	usageSeal // ICAO's seals (VDS-NC), which are no certificates of these kinds
)

// usageOIDs are the extended key usages of signers' certificates. The first
// three are as specified, the next three as many certificates have them.
var usageOIDs = map[string]usage{
	"1.3.6.1.4.1.1847.2021.1.1":   usageTest,
	"1.3.6.1.4.1.1847.2021.1.2":   usageVaccination,
	"1.3.6.1.4.1.1847.2021.1.3":   usageRecovery,
	"1.3.6.1.4.1.0.1847.2021.1.1": usageTest,
	"1.3.6.1.4.1.0.1847.2021.1.2": usageVaccination,
	"1.3.6.1.4.1.0.1847.2021.1.3": usageRecovery,
	"2.23.136.1.1.14.2":           usageSeal,
}

// allowedBy says whether a key with these extended usages may sign all of u. A
// key with none of the usages above may sign anything.
func (u usage) allowedBy(oids []string) bool {
	var allowed usage
	for _, oid := range oids {
		allowed |= usageOIDs[oid]
	}
	return allowed == 0 || u&^allowed == 0
}
