package uploads

import (
	"errors"

	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/charset"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/province/internal/fhir"
)

// Unreadable is the text key of why a whole file cannot be read.
func Unreadable(err error) string {
	for _, known := range []struct {
		err error
		key string
	}{
		{table.ErrOldExcel, "file.old-excel"},
		{table.ErrWebPage, "file.web-page"},
		{table.ErrEmpty, "file.empty"},
		{table.ErrWorkbook, "file.workbook"},
		{table.ErrTooWide, "file.too-wide"},
		{exchange.ErrTooMany, "file.too-many"},
		{fhir.ErrTooManyEntries, "file.too-many"},
		{charset.ErrUnknown, "file.encoding"},
	} {
		if errors.Is(err, known.err) {
			return known.key
		}
	}
	if missing := (*table.MissingColumns)(nil); errors.As(err, &missing) {
		return "file.columns"
	}
	return "file.unreadable"
}
