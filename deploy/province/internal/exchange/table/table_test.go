package table

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"chot/deploy/province/internal/exchange"
	"chot/kiosk/record"
)

// rows are what a table says, as "line tube outcome problem".
func rows(t *testing.T, text string, o Options) (all []string) {
	t.Helper()
	f, err := Results([]byte(text), o)
	if err != nil {
		t.Fatalf("reading %.50q: %v", text, err)
	}
	for _, x := range f.Statements {
		one := []string{string(rune('0' + x.Place.Line))}
		for _, id := range x.Specimens {
			one = append(one, id.Value)
		}
		one = append(one, x.Outcome.String())
		if x.Status == exchange.Pending {
			one = append(one, "pending")
		}
		if x.Problem != nil {
			one = append(one, x.Problem.Code)
		}
		all = append(all, strings.Join(one, " "))
	}
	return all
}

func TestTablesOfEveryShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"an empty cell shifts nothing", "tube\tresult\tinternal control\nT-1\t\tDetected\n", []string{"2 T-1  pending"}},
		{"titles above the header", "PHÒNG XÉT NGHIỆM\n\nSTT,Mã ống,Kết quả\n1,T-1,Âm tính\n", []string{"4 T-1 negative"}},
		{"what stands below the table", "tube,result\nT-1,neg\nTổng cộng,\n,\nNgười lập\n", []string{"2 T-1 negative", "3 Tổng cộng  pending", "5 Người lập  pending"}},
		{"a mark that is not closed", "tube,result\n\"T-1,neg\nT-2,pos\n", []string{"2  bad-line", "3 T-2 positive"}},
		{"a line break in a cell", "tube,note,result\nT-1,\"a\nb\",neg\nT-2,,pos\n", []string{"2 T-1 negative", "4 T-2 positive"}},
		{"doubled marks", "tube,result\n\"T\"\"1\",neg\n", []string{"2 T\"1 negative"}},
		{"a mark inside a cell", "tube,note,result\nT-1,5\" tube,neg\n", []string{"2 T-1 negative"}},
		{"a row without its tube", "tube,result\n,neg\n", []string{"2 negative no-tube"}},
		{"short and long rows", "tube,result\nT-1\nT-2,neg,more,and more\n", []string{"2 T-1  pending", "3 T-2 negative"}},
		{"two columns that agree", "tube,kết quả,kết luận\nT-1,âm tính,Negative\nT-2,âm tính,dương tính\nT-3,,pos\n", []string{"2 T-1 negative", "3 T-2 negative sign-differs", "4 T-3 positive"}},
		{"numbers for outcomes", "tube,result\nT-1,1\nT-2,2\nT-3,0\n", []string{"2 T-1  bad-outcome", "3 T-2  bad-outcome", "4 T-3  bad-outcome"}},
		{"months first", "tube,result,date\nT-1,neg,11/30/2026\nT-2,neg,11/01/2026\nT-3,neg,12/12/2026\n", []string{"2 T-1 negative month-first", "3 T-2 negative month-first", "4 T-3 negative"}},
		{"a status", "tube,result,result status\nT-1,neg,Đính chính\nT-2,neg,Thu hồi\nT-3,neg,Xong\n", []string{"2 T-1 negative", "3 T-2 ", "4 T-3 negative bad-status"}},
		{"a tube of blanks", "tube,result\n\u00a0\u200b,neg\n", []string{"2 negative no-tube"}},
	} {
		if got := rows(t, c.text, Options{}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestColumnsThatAPersonNames(t *testing.T) {
	t.Parallel()
	const text = "Danh sách\nA;B;C\nT-1;x;neg\n"
	_, err := Results([]byte(text), Options{})
	var missing *MissingColumns
	if !errors.As(err, &missing) || !slices.Equal(missing.Fields, []string{"tube", "outcome"}) || missing.Header != 2 || len(missing.Columns) != 3 || missing.Columns[2].Name != "C" {
		t.Fatalf("%+v, %v", missing, err)
	}
	if got := rows(t, text, Options{Header: 2, Columns: map[string]int{"tube": 0, "outcome": 2}}); !slices.Equal(got, []string{"3 T-1 negative"}) {
		t.Errorf("%q", got)
	}
	for name, o := range map[string]Options{
		"one column for two": {Header: 2, Columns: map[string]int{"tube": 0, "outcome": 0}},
		"a column too far":   {Header: 2, Columns: map[string]int{"tube": 0, "outcome": 300}},
	} {
		if _, err := Results([]byte(text), o); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func TestWhatIsNoTableIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data string
		want error
	}{
		"an old workbook":  {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ErrOldExcel},
		"a web page":       {"\xef\xbb\xbf\n<html><table>", ErrWebPage},
		"a broken archive": {"PK\x03\x04xxxx", ErrWorkbook},
		"nothing":          {"", ErrEmpty},
		"blank lines":      {"\n\n \n", ErrEmpty},
		"too wide":         {strings.Repeat(",", 300) + "\n", ErrTooWide},
		"too long":         {"tube,result\n" + strings.Repeat("T,neg\n", exchange.MaxStatements+100), exchange.ErrTooMany},
	} {
		if _, err := Results([]byte(c.data), Options{}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestNumbersOfDoses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"1": 1, "2.0": 2, "Mũi 1": 1, "mũi tiêm thứ hai": 2, "Mũi thứ ba": 3, "Mũi tiêm thứ nhất": 1, "dose 4": 4, "20": 20,
		"0": 0, "21": 0, "-1": 0, "nhắc lại": 0, "Mũi tiêm tiếp theo": 0, "1/2": 0, "": 0, "một hai": 0, "Đã tiêm hơn 2 mũi": 0,
	} {
		if got, ok := DoseNumber(text); got != want && ok || ok != (want != 0) {
			t.Errorf("%q is dose %d, %v; want %d", text, got, ok, want)
		}
	}
}

func FuzzResults(f *testing.F) {
	for _, text := range []string{"tube;result\nT-1;-\n", "\ufefftube\tresult\nT\tpos\n", "sep=;\n\"a\";b\n", "\xff\xfet\x00", "M\xb7 mÉu,KÕt qu\xb6\nT,\xaem\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Results(data, Options{})
		if err != nil {
			return
		}
		for _, x := range file.Statements {
			if x.Outcome > record.Resample || x.Technique > record.Antigen || !utf8.ValidString(x.Read) {
				t.Fatalf("%+v", x)
			}
			if x.Problem == nil && len(x.Specimens) == 0 {
				t.Fatalf("of no specimen: %+v", x)
			}
		}
	})
}

func FuzzDoses(f *testing.F) {
	f.Add([]byte("cccd;mũi;vắc xin;ngày tiêm\n030150000001;1;A;01/09/2026\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Doses(data, Options{})
		if err != nil {
			return
		}
		for _, x := range file.Statements {
			if x.Problem == nil && (x.Number < 0 || x.Number > MaxDoses || x.Given.IsZero()) {
				t.Fatalf("%+v", x)
			}
		}
	})
}
