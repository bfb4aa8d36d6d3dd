package staff

import "testing"

func TestPIN(t *testing.T) {
	t.Parallel()
	const hash = PIN("1$8$c2FsdHNhbHQ=$") // completed below
	for _, bad := range []PIN{"", "1$8", hash, "99$8$c2FsdA==$AAAAAAAAAAAAAAAAAAAAAA==", "1$8$c2FsdA==$AAAA"} {
		if _, err := bad.Is("1234"); err == nil {
			t.Errorf("%q is a hash", bad)
		}
	}
	if ok, err := PIN("1$8$c2FsdA==$AAAAAAAAAAAAAAAAAAAAAA==").Is("1234"); ok || err != nil {
		t.Errorf("any PIN fits: %v, %v", ok, err)
	}
}

func TestListHas(t *testing.T) {
	t.Parallel()
	list := List{Badges: []Badge{{Number: "B-7"}, {Number: "B-8", Revoked: true}}}
	for number, want := range map[string]bool{"B-7": true, "B-8": false, "B-9": false, "": false, "b-7": false} {
		if got := list.Has(number); got != want {
			t.Errorf("the list has %q: %v", number, got)
		}
	}
}
