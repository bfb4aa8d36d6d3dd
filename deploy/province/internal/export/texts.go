package export

import "chot/deploy/province/internal/web"

var texts = map[string]web.Words{
	"menu.export":         {VI: "Xuất dữ liệu", EN: "Export"},
	"export.why":          {VI: "Tệp xuất có dữ liệu cá nhân. Mỗi lần xuất đều được ghi vào nhật ký.", EN: "The file holds personal data. Every export is written to the audit log."},
	"export.from":         {VI: "Từ ngày", EN: "From"},
	"export.to":           {VI: "Đến ngày", EN: "To"},
	"export.format":       {VI: "Định dạng", EN: "Format"},
	"export.do":           {VI: "Tải xuống", EN: "Download"},
	"export.tests":        {VI: "Xét nghiệm", EN: "Tests"},
	"export.declarations": {VI: "Khai báo", EN: "Declarations"},
	"export.vaccinations": {VI: "Đăng ký tiêm", EN: "Registrations"},
	"export.doses":        {VI: "Mũi tiêm", EN: "Doses"},
	"error.export-large":  {VI: "Quá nhiều dữ liệu cho một tệp: xin chọn ít ngày hơn.", EN: "Too much for one file: please choose fewer days."},
	"col.pool-place":      {VI: "Số trong mẫu gộp", EN: "Place in pool"},
	"col.document":        {VI: "Số giấy tờ", EN: "Document"},
	"col.phone":           {VI: "Điện thoại", EN: "Phone"},
	"col.order":           {VI: "Số đăng ký", EN: "Order"},
	"col.symptoms":        {VI: "Triệu chứng", EN: "Symptoms"},
	"col.contacts":        {VI: "Tiếp xúc", EN: "Contacts"},
	"col.travel":          {VI: "Đi lại", EN: "Travel"},
	"col.given":           {VI: "Ngày tiêm", EN: "Given"},
	"col.dose":            {VI: "Mũi", EN: "Dose"},
	"col.product":         {VI: "Vắc xin", EN: "Vaccine"},
	"col.lot":             {VI: "Số lô", EN: "Lot"},
	"col.place":           {VI: "Nơi tiêm", EN: "Place"},
}
