package adminunits

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"chot/deploy/province/internal/db"
)

const units = "level\tcode\tparent\tname\tname_ascii\n" +
	"province\t30\t\tTỉnh Hải Dương\tHai Duong\ndistrict\t298\t30\tHuyện Tứ Kỳ\tTu Ky\ncommune\t11083\t298\tXã Đại Sơn\tDai Son\r\n"

func TestAreasHaveNames(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	set, version, fault := "", "", error(nil)
	n := &Names{
		Read: func(context.Context) ([]byte, string, error) { return []byte(set), version, fault },
		Now:  func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	}
	check := func(when string, area db.Area, name, within string) {
		t.Helper()
		now = now.Add(fresh)
		n.Refresh(t.Context())
		if gotName, gotWithin := n.Of(area); gotName != name || gotWithin != within {
			t.Errorf("%s: %s is %q in %q, not %q in %q", when, area, gotName, gotWithin, name, within)
		}
	}
	check("before any set is published", "30/298/11083", "30/298/11083", "")
	set, version = units, "1"
	check("a commune", "30/298/11083", "Xã Đại Sơn", "Huyện Tứ Kỳ")
	check("a district", "30/298", "Huyện Tứ Kỳ", "")
	check("a province", "30", "Tỉnh Hải Dương", "")
	check("a code that the set lacks", "30/298/99999", "30/298/99999", "")
	check("nowhere", "", "", "")
	fault = errors.New("the database is away")
	check("while nothing can be read", "30", "Tỉnh Hải Dương", "")
	set, version, fault = "heading\nno fields\n", "2", nil
	check("after a set that is broken", "30", "Tỉnh Hải Dương", "")
	set, version = "heading\nprovince\t30\t\tTỉnh mới\tTinh moi\n", "3"
	check("after a newer set", "30", "Tỉnh mới", "")
}
