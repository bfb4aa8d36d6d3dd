package printer

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// invented persons and pools: names as long as they come, with every tone.
var (
	surnames = strings.Fields("Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Ẩu Ỷ")
	middles  = strings.Fields("Thị Văn Hữu Đức Ngọc Thế Quỳnh Mỹ Xuân Kiều Bảo Minh Thuỳ Tường Phước Ẩn Ỡm")
	givens   = strings.Fields("An Ánh Bình Cường Dũng Đạt Giang Hạnh Hiếu Hưởng Khải Lượng Mẫn Nghĩa Oanh Phượng Quyền Sự Thắng Uyển Vỹ Xuyến Yến")
	foreign  = []string{"Wolfeschlegelsteinhausenbergerdorff", "María-Fernanda Ñáñez y Ibáñez de la Concepción", "Ōkubo Jirō", "Łukasz Żółć", "王小明", "O’Brien-\"Quote\"^~\\"}
)

func person(rng *rand.Rand) map[string]string {
	pick := func(from []string) string { return from[rng.IntN(len(from))] }
	name := pick(surnames)
	for range 1 + rng.IntN(4) {
		name += " " + pick(middles)
	}
	name += " " + pick(givens)
	if rng.IntN(8) == 0 {
		name = pick(foreign)
	}
	f := map[string]string{
		"name": name, "birth": fmt.Sprintf("%02d/%02d/%d", 1+rng.IntN(28), 1+rng.IntN(12), 1920+rng.IntN(105)),
		"sex": pick([]string{"Nam", "Nữ"}), "technique": pick([]string{"RT-PCR", "Kháng nguyên"}),
		"site": "Trạm y tế xã " + pick(middles) + " " + pick(givens) + ", huyện Tứ Kỳ, tỉnh Hải Dương", "time": "22/11/2026 14:05",
		"order": fmt.Sprintf("Lần %d", 1+rng.IntN(9)),
		"code":  fmt.Sprintf("%c%02d-%08d", 'A'+rune(rng.IntN(26)), rng.IntN(100), rng.IntN(1e8)),
		"title": "PHIẾU KHAI BÁO Y TẾ", "verdict": pick([]string{"ĐƯỢC QUA", "CẦN KIỂM TRA", "KHÔNG ĐƯỢC QUA"}), "until": "25/11/2026 14:05",
		"result": pick([]string{"ÂM TÍNH", "DƯƠNG TÍNH", "NGHI NGỜ", "CHƯA XÁC ĐỊNH", "KHÔNG ĐẠT", "LẤY MẪU LẠI"}), "tube": "K07-00000123",
		"taken": "20/11/2026 09:30", "lab": "Trung tâm Kiểm soát bệnh tật tỉnh Hải Dương", "kiosk": "K07", "version": "1.0.0",
	}
	if rng.IntN(3) == 0 { // a pool has no one name
		f["name"], f["birth"], f["sex"] = "", "", ""
		f["pool"] = fmt.Sprintf("MẪU GỘP %d NGƯỜI", 2+rng.IntN(9))
	}
	return f
}

// signed is a text as long as a signed slip's, in the letters of base 45.
func signed(rng *rand.Rand) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	b := []byte("CHOT1S:")
	for range 150 + rng.IntN(250) {
		b = append(b, letters[rng.IntN(len(letters))])
	}
	return strings.TrimSpace(string(b))
}
