package store_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"chot/kiosk/record"
)

// Invented people and what they come for, in the shape of real records: what the
// dictionary is trained on, and what sizes are measured with.

var (
	surnames = strings.Fields("Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đoàn Vương Trịnh Mai Tô Lương Hà Cao Đinh Phùng Lưu Tạ Chu")
	middles  = strings.Fields("Văn Thị Hữu Đức Minh Ngọc Thanh Quang Xuân Thu Hồng Kim Bá Công Đình Gia Khánh Mạnh Như Phương Quốc Tuấn Thùy Việt Diệu")
	givens   = strings.Fields("An Anh Bình Chi Cường Dung Dũng Dương Đạt Giang Hà Hải Hạnh Hiền Hiếu Hoa Hòa Hùng Hương Huy Khoa Lan Linh Loan Long Mai Nam Nga Ngân Nhung Oanh Phong Phúc Quân Quỳnh Sơn Tâm Thảo Thắng Trang Trung Tú Tuấn Uyên Vân Vy Yến Hằng Thơm Thủy")
	families = []string{"eu-dcc", "eu-dcc", "eu-dcc", "slip", "vn-id", "vn-qr", "declaration", "shc", "manual"}
	symptoms = []string{"fever", "cough", "breathless", "pneumonia", "sore-throat", "fatigue"}
	contacts = []string{"case", "area", "symptoms"}
	reasons  = []record.Reason{{Code: "expired"}, {Code: "unknown-issuer"}, {Code: "rule", Rule: "VR-VN-0001"}, {Code: "rule", Rule: "VR-VN-0003"}, {Code: "trust-stale"}, {Code: "needs-declaration"}, {Code: "symptom"}, {Code: "contact"}}
	communes = 23
)

func of[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

func samplePerson(r *rand.Rand) record.Person {
	return record.Person{
		Name:        of(r, surnames) + " " + of(r, middles) + " " + of(r, givens),
		Birth:       1935 + r.IntN(85),
		Sex:         record.Sex(1 + r.IntN(2)),
		Nationality: "VN",
		Document:    fmt.Sprintf("0%02d%d%02d%06d", 1+r.IntN(96), r.IntN(4), r.IntN(100), r.IntN(1000000)),
		Phone:       fmt.Sprintf("0%d%08d", of(r, []int{3, 5, 7, 8, 9}), r.IntN(100000000)),
		Address:     record.Address{Unit: fmt.Sprintf("%05d", 11074+3*r.IntN(communes)), Set: "2022", Line: fmt.Sprintf("Thôn %s %s", of(r, givens), of(r, givens))},
	}
}

func number(r *rand.Rand, prefix string) string {
	return fmt.Sprintf("%s%02d-%05d", prefix, r.IntN(100), r.IntN(100000))
}

// sampleVisit is a check-in with a certificate: it names no person.
func sampleVisit(r *rand.Rand) record.Body {
	v := record.Visit{Direction: 1, Family: of(r, families), Level: 1, Rules: "2026.03.1"}
	if r.IntN(4) == 0 {
		v.Level, v.Reasons = record.Level(2+r.IntN(2)), []record.Reason{of(r, reasons)}
	}
	if r.IntN(3) == 0 {
		v.Temperature = 362 + r.IntN(15)
	}
	return v
}

// sampleDeclaration is a check-in with a health declaration.
func sampleDeclaration(r *rand.Rand) record.Body {
	d := record.Declaration{
		Number: number(r, "T"), Person: samplePerson(r), Form: "health/2026-01", Level: 1,
		Document: of(r, []string{"vn-id", "vn-id", "vn-qr", "vn-bhyt", ""}),
	}
	if r.IntN(5) == 0 {
		d.Travel = "Hà Nội"
	}
	if r.IntN(8) == 0 {
		d.Symptoms, d.Level, d.Reasons = []string{of(r, symptoms)}, 2, []record.Reason{{Code: "symptom"}}
	}
	if r.IntN(20) == 0 {
		d.Contacts, d.Level, d.Reasons = []string{of(r, contacts)}, 3, []record.Reason{{Code: "contact"}}
	}
	return d
}

// sample is a record of a day's mix.
func sample(r *rand.Rand) record.Body {
	switch n := r.IntN(100); {
	case n < 30:
		return sampleVisit(r)
	case n < 75:
		return sampleDeclaration(r)
	case n < 83:
		return record.Print{Layout: "slip", Number: number(r, "T"), Copies: 1}
	case n < 90:
		return record.Sample{
			Tube: number(r, "30298"), Person: samplePerson(r), Technique: record.Technique(1 + r.IntN(2)),
			Reason: of(r, contacts), Member: r.IntN(10), Staff: number(r, "B"),
		}
	case n < 93:
		return record.Order{Number: number(r, "X"), Person: samplePerson(r), Form: "order/2026-01", Reason: of(r, contacts), Technique: 1, Place: "30298-1", Slot: "now"}
	case n < 95:
		return record.Vaccination{Number: number(r, "V"), Person: samplePerson(r), Form: "vaccination/2026-01", Group: "elderly", Doses: r.IntN(4)}
	case n < 97:
		return record.Pool{Tube: number(r, "30298"), Step: record.Step(1 + r.IntN(3)), Size: 2 + r.IntN(9), Technique: 1, Staff: number(r, "B")}
	case n < 98:
		return record.Staff{Badge: number(r, "B"), Action: of(r, []string{"login", "logout", "override"})}
	default:
		return record.Health{Version: "1.0.0", Uptime: r.Int64N(1e6), Backlog: r.Int64N(50), Trust: "2026.03.1", TrustAge: r.Int64N(86400), Rules: "2026.03.1", DiskFree: 20000 + r.Int64N(5000)}
	}
}

// encoded makes n records of a kind of sample.
func encoded(t testing.TB, seed uint64, n int, make func(*rand.Rand) record.Body) (kinds []uint8, payloads [][]byte) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 0))
	for range n {
		body := make(r)
		payload, err := record.Encode(body)
		if err != nil {
			t.Fatal(err)
		}
		kinds, payloads = append(kinds, uint8(body.Kind())), append(payloads, payload)
	}
	return kinds, payloads
}
