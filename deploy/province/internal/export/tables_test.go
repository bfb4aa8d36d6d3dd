package export

import "testing"

func TestCellsAreNoFormulas(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "Nguyễn Văn A": "Nguyễn Văn A", "1-2": "1-2", "a=b": "a=b", "012;345": "012;345",
		"=1+1": "'=1+1", "+84912": "'+84912", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "  =1": "  '=1",
		"＝1+1": "'＝1+1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x",
		"a;=1+1": "a;'=1+1", "a; =1": "a; '=1", "a\t=1": "a\t'=1", "a\n@x": "a\n'@x", "x,+1": "x,'+1", "\t=1": "\t'=1",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}
