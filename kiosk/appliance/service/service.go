// Package service runs what the kiosk does behind the screen: it checks codes,
// writes the journal and brings it to the province, keeps published data and the
// program current, answers look-ups, signs slips, moves data by stick and by codes
// on the screen, and reports how the kiosk is.
//
// Each service is built complete, with exactly what it needs. Those that live as
// long as the kiosk have a Run method that ends with its context.
package service
