package printer

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

func TestPNG(t *testing.T) {
	out := os.Getenv("CHOT_LABEL_PICTURES")
	if out == "" {
		t.Skip("set CHOT_LABEL_PICTURES to a folder to keep pictures of all layouts")
	}
	for _, dpi := range []int{203, 300} {
		for key, l := range Builtin() {
			p, err := Render(l, sampleFields(key[0]), dpi)
			if err != nil {
				t.Error(err)
				continue
			}
			f, err := os.Create(filepath.Join(out, key[0]+"-"+key[1]+"-"+map[int]string{203: "203", 300: "300"}[dpi]+".png"))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, p.Picture()); err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
}

func sampleFields(form string) map[string]string {
	f := map[string]string{
		"name": "Nguyễn Thị Ngọc Quỳnh", "birth": "01/02/1958", "sex": "Nữ", "order": "Lần 2",
		"technique": "RT-PCR", "pool": "Gộp 3/5", "site": "Trạm y tế xã Hưng Đạo, Tứ Kỳ", "time": "22/11/2026 14:05",
		"until": "25/11/2026 14:05", "title": "PHIẾU KHAI BÁO Y TẾ", "verdict": "ĐƯỢC VÀO / PASS",
		"number": "030158000123", "note": "Giữ phiếu này để qua các chốt khác / Keep this slip for other checkpoints",
		"tube": "K07-00000123", "taken": "20/11/2026 09:30", "lab": "CDC Hải Dương", "result": "ÂM TÍNH", "meaning": "Negative",
		"kiosk": "K07 Hưng Đạo", "version": "1.0.0", "code": "K07-00000123",
	}
	if form == "slip" || form == "result" {
		f["code"] = "CHOT1:" + "6BFOXN%TS3DHPVO13J /G-/2YRVA.Q/R82JD2FCJG96V75DOW%IY17EIHY P8L6IWM$S4U45P84HW6U/4:84LC6 YM::QQHIZC4.OI1RM8ZA.A5:S9MKN4NN3F85QNCY0O%0VZ001HOC9JU0D0HT0HB2PL/IB*09B9LW4T*8+DCMH0LDK2%KI*V AQ2%KYZPQV6YP8722XOE7:8IPC2L4U/6H1D31BLOETI0K/4VMA/.6LOE:/8IL882B+SGK*R3T3+7A.N88J4R$F/MAITHW$P7S3-G9++9-G9+E93ZM$96TV6NRN3T59YLQM1VRMP$I/XK$M8PK66YBTJ1ZO8B-S-*O5W41FD$ 81JP%KNEV45G1H*KESHMN2/TU3UQQKE*QHXSMNV25$1PK50C9B/9OK5NE1"
	}
	return f
}
