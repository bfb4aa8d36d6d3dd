package main

import (
	"net/http"
	"strings"
	"testing"

	"chot/deploy/province/internal/db"
	"chot/kiosk/record"
)

// A toy arrives, is shown, found by document, phone and number, and erased.
func TestToyFromRecordToPage(t *testing.T) {
	everywhere(t, func(t *testing.T, s *server) {
		k := s.kiosk("hall-1")
		k.add(record.Toy{Number: "T-1", Lent: "một chiếc thuyền", Person: record.Person{Name: "Nguyễn Thử", Document: "030199000001", Phone: "0912345678"}})
		k.sendAll()
		o := s.officer("tinh", "province", "30")
		if status, body := o.get("/toys"); status != http.StatusOK || !strings.Contains(body, "một chiếc thuyền") {
			t.Errorf("the page: %d: %s", status, body)
		}
		f := s.finder()
		for field, value := range map[string]string{"document": "030199000001", "phone": "0912345678", "number": "T-1"} {
			found, err := f.Find(t.Context(), db.Area("30"), field, value)
			if err != nil || len(found) != 1 {
				t.Fatalf("%d are found by %s (%v)", len(found), field, err)
			}
			r, err := f.Read(t.Context(), found[0])
			if p, ok := r.Body.(record.Personal); err != nil || !ok || p.Subject().Name != "Nguyễn Thử" {
				t.Errorf("read back %+v, %v", r, err)
			}
		}
		if status, body := o.post("/people/erase", map[string][]string{"field": {"document"}, "value": {"030199000001"}, "reason": {"YC-1"}}); status != http.StatusOK {
			t.Fatalf("erasing: %d: %s", status, body)
		}
		if found, err := f.Find(t.Context(), "30", "phone", "0912345678"); err != nil || len(found) != 0 {
			t.Errorf("%d are found after the erasure (%v)", len(found), err)
		}
		if _, body := o.get("/toys"); strings.Contains(body, "thuyền") {
			t.Error("the page still shows what was erased")
		}
	})
}
