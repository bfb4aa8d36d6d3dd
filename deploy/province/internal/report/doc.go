// Package report makes the figures that offices ask for: daily ones by checkpoint,
// commune and district, and campaigns with their target and deadline. Each is a
// page, which prints, and an XLSX file.
//
// Daily figures come from the tallies that intake keeps, which outlive the records;
// positive tests come from the results that hold, see [positives].
// A campaign counts the people of agencies' rolls ([record.Roll]) once each, by a
// keyed hash; when the record of a person is erased or expires, the hash is
// replaced and the count stays.
//
// Counts of people that are smaller than [Few] are hidden, and so is what they
// could be computed from, see [suppress].
package report
