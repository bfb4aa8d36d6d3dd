package bundle_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"chot/kiosk/bundle"
)

// A kiosk keeps its bundle fresh, and reads it whether the province answers or not.
func Example() {
	var rootHash []byte // from the provisioning sheet
	b, err := bundle.Open("/var/lib/chot/bundle", bundle.Options{Kiosk: "hall-1", Group: "pilot", RootHash: rootHash, Now: time.Now})
	if err != nil {
		fmt.Println(err)
		return
	}
	province := bundle.Source{Client: http.DefaultClient, URL: "https://province.example:8443/tuf"}
	b.Run(context.Background(), province, time.Hour, nil, func(s bundle.Status) {
		if s.Problem != "" {
			fmt.Println("still at", s.Version, "of", s.Signed, "because:", s.Problem)
		}
		if s.Changed {
			policy, err := fs.ReadFile(b.Files(), "policy.json")
			fmt.Println(len(policy), err)
		}
	})
}
