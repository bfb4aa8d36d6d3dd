// Package db is the province's database: one schema and one set of queries for
// the embedded SQLite and for a PostgreSQL cluster.
//
// The schema is in migrations/, in SQL that both take. Conventions that keep it
// so, for whoever adds a table:
//
//   - times are [Time]: milliseconds since 1970 in a BIGINT, 0 for none;
//     days are [Day]: days since 1970 in UTC
//   - keys are natural (a kiosk's name, a journal's 16 bytes and a number);
//     nothing is numbered by the database
//   - columns are NOT NULL but for bodies that may be erased
//   - rows are bun models; a change that depends on what was read is an UPDATE
//     whose WHERE names what was read, and the count of its rows is checked
//   - what belongs to a place has an area column, see [Area]; every query for a
//     person's eyes goes through [Area.Where]
//   - what names a person is encrypted by package datakeys, or is not a column
//
// # Tables
//
//	kiosks, certificates, tokens   who may send, and how they became so
//	journals                       how far each journal is held; the lock of intake
//	entries                        every entry, once: its key is (journal, number)
//	arrivals                       one row per batch: the feed of the live page
//	tallies                        counts by day, kiosk, kind and label; outlive erasure
//	lookups                        keyed hashes of what a person may be found by
//	data_keys                      the wrapped keys of the bodies, one a day
//	erasures                       orders that kiosks must still carry out
//	incidents                      forks, gaps, refusals: one row per kiosk and kind
//	accounts, sessions, audit      officers
//	campaigns, agencies, rolls     what agencies are asked for, and who of them has done it
//	files, chunks                  the way down, as it is served under /tuf/
//	orders, specimens, pool_steps  sampling as it was recorded
//	results, work                  what laboratories report, and what of it a person must look at
//	registrations                  for vaccination
//	doses, invitations             vaccination as it was imported
//	tries                          how often kiosks asked in vain
package db
