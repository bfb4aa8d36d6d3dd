// Package forward moves a kiosk's journal to the province: over HTTP/2 with
// mutual TLS where there is a network ([Forwarder]), as files on a USB stick
// otherwise ([Export], [Deliver], [Collect]), for itself or for a neighbour.
// All ways may be used for the same entries at once; each entry counts once,
// because the province keeps it under its number.
//
// Nothing leaves the journal here. What a verified receipt covers is marked so,
// and the journal's Purge deletes it when its retention is over.
package forward
