package record_test

import (
	"fmt"
	"time"

	"chot/kiosk/record"
)

// A visit as the journal holds it, before it is compressed and sealed.
func Example() {
	visit := record.Visit{
		Direction: record.In, Family: "eu-dcc", Level: 1,
		Reasons: []record.Reason{{Code: "dose-valid"}}, Rules: "hd-7",
	}
	payload, err := record.Encode(visit)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%x\n", payload)
	r, err := record.Decode(record.KindVisit, time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC), payload)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Body.(record.Visit).Level, r.Body.(record.Visit).Reasons[0].Code)
	// Output:
	// a50101026665752d64636303010481826a646f73652d76616c696460056468642d37
	// green dose-valid
}
