package tufpublish

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestWhoMayUpload(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte("metadata")
	sum := sha256.Sum256(body)
	for name, c := range map[string]struct {
		change func(*http.Request)
		key    ed25519.PrivateKey
		at     time.Time
		ok     bool
	}{
		"its key":             {nil, key, now, true},
		"a day ahead":         {nil, key, now.Add(24 * time.Hour), true},
		"more than a day":     {nil, key, now.Add(24*time.Hour + time.Second), false},
		"an old copy":         {nil, key, now.Add(-24*time.Hour - time.Second), false},
		"another key":         {nil, foreign, now, false},
		"another path":        {func(r *http.Request) { r.URL.Path = RootPath }, key, now, false},
		"another method":      {func(r *http.Request) { r.Method = http.MethodPut }, key, now, false},
		"no header":           {func(r *http.Request) { r.Header.Del("Authorization") }, key, now, false},
		"another scheme":      {func(r *http.Request) { r.Header.Set("Authorization", "Basic "+r.Header.Get("Authorization")[12:]) }, key, now, false},
		"a hash of 63 digits": {func(r *http.Request) { replace(r, hex.EncodeToString(sum[:]), hex.EncodeToString(sum[:])[1:]) }, key, now, false},
		"another hash":        {func(r *http.Request) { replace(r, hex.EncodeToString(sum[:]), strings.Repeat("0", 64)) }, key, now, false},
		"no time":             {func(r *http.Request) { replace(r, "1800000000", "x") }, key, now, false},
		"a cut signature":     {func(r *http.Request) { h := r.Header.Get("Authorization"); r.Header.Set("Authorization", h[:len(h)-4]) }, key, now, false},
	} {
		r := httptest.NewRequest(http.MethodPost, UploadPath, bytes.NewReader(body))
		authorise(r, c.key, body, c.at)
		if c.change != nil {
			c.change(r)
		}
		hash, err := Authorised(r, []ed25519.PublicKey{public}, now)
		if ok := err == nil; ok != c.ok || ok != (hash == hex.EncodeToString(sum[:])) {
			t.Errorf("%s: %q, %v", name, hash, err)
		}
	}
}

func replace(r *http.Request, from, to string) {
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), from, to, 1))
}
