package vaccine

import "chot/deploy/province/internal/web"

var texts = map[string]web.Words{
	"menu.vaccination":       {VI: "Tiêm chủng", EN: "Vaccination"},
	"vaccination.registered": {VI: "đăng ký tiêm", EN: "registrations"},
	"vaccination.invited":    {VI: "lời mời", EN: "invitations"},
	"vaccination.doses":      {VI: "mũi đã tiêm", EN: "doses given"},
	"vaccination.file":       {VI: "Tệp mũi tiêm hoặc giấy mời", EN: "File of doses or invitations"},
	"vaccination.formats":    {VI: "CSV hoặc FHIR R4 (Immunization). Dòng không có số mũi là giấy mời.", EN: "CSV or FHIR R4 (Immunization). A line without the number of a dose is an invitation."},
	"vaccination.upload":     {VI: "Nhập", EN: "Import"},
	"vaccination.done":       {VI: "Đã ghi %d trong %d dòng.", EN: "Kept %d of %d lines."},
	"vaccination.failed":     {VI: "Không đọc được tệp này; chưa có dòng nào được ghi.", EN: "The file cannot be read; nothing was kept."},
	"vaccination.latest":     {VI: "Đăng ký mới nhất", EN: "Latest registrations"},
	"vaccination.none":       {VI: "Chưa có ai đăng ký.", EN: "Nobody has registered yet."},
	"col.group":              {VI: "Nhóm ưu tiên", EN: "Priority group"},
	"col.so-far":             {VI: "Đã tiêm", EN: "So far"},
	"col.wish":               {VI: "Nguyện vọng", EN: "Wish"},
}
