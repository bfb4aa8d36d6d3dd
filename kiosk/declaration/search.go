package declaration

import (
	"cmp"
	"slices"
	"strings"
)

// Search finds the units whose names begin with what was typed, word by word and
// without regard to case and diacritics: "dai son tu ky" finds Xã Đại Sơn in
// Huyện Tứ Kỳ. Words that are not in the unit's own name may be in the names of
// those that it lies in. The best come first: whole names before beginnings of names,
// then what lies near home, a unit's code. At most limit are returned.
func (u *Units) Search(query, home string, limit int) []Unit {
	words := strings.Fields(Fold(query))
	if u == nil || len(words) == 0 || limit <= 0 {
		return nil
	}
	type hit struct{ at, rank int }
	var hits []hit
	near := u.around(home)
	for i := range u.all {
		rank, ok := u.match(i, u.all[i].words, words)
		if !ok { // with the kind, as it stands on papers
			rank, ok = u.match(i, u.all[i].full, words)
		}
		if ok {
			hits = append(hits, hit{i, rank*4 - u.nearness(i, near)})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(u.all[a.at].folded, u.all[b.at].folded))
	})
	found := make([]Unit, 0, min(limit, len(hits)))
	for _, h := range hits[:min(limit, len(hits))] {
		found = append(found, u.all[h.at])
	}
	return found
}

// match ranks a unit for the words that were typed, 0 the best: all its name's
// words are there; 1: they begin its name; 2: they stand within.
func (u *Units) match(i int, own, words []string) (rank int, ok bool) {
	// The leading words that begin this unit's own name or stand within it; the
	// rest must be found above it.
	start := slices.IndexFunc(own, func(w string) bool { return strings.HasPrefix(w, words[0]) })
	if start < 0 {
		return 0, false
	}
	n := 0
	for n < len(words) && start+n < len(own) && strings.HasPrefix(own[start+n], words[n]) {
		n++
	}
	for _, w := range words[n:] {
		if !u.above(i, w) {
			return 0, false
		}
	}
	switch {
	case start == 0 && n == len(own) && slices.Equal(own, words[:n]):
		return 0, true
	case start == 0:
		return 1, true
	}
	return 2, true
}

// above says whether a word begins one in the names of those that a unit lies in.
func (u *Units) above(i int, word string) bool {
	for {
		up, ok := u.index[u.all[i].Parent]
		if !ok {
			return false
		}
		if slices.ContainsFunc(u.all[up].words, func(w string) bool { return strings.HasPrefix(w, word) }) {
			return true
		}
		i = up
	}
}

// around lists the units that home lies in, itself included.
func (u *Units) around(home string) map[string]bool {
	near := make(map[string]bool)
	for _, unit := range u.Path(home) {
		near[unit.Code] = true
	}
	return near
}

// nearness counts how many levels a unit shares with home, at most 3.
func (u *Units) nearness(i int, near map[string]bool) int {
	n := 0
	for {
		if near[u.all[i].Code] {
			n++
		}
		up, ok := u.index[u.all[i].Parent]
		if !ok {
			return min(n, 3)
		}
		i = up
	}
}

// Resolve finds the commune that an address as identity cards write it names
// ("thôn Nghi Khê, Tân Kỳ, Tứ Kỳ, Hải Dương") and returns what stands before it. It
// is ok where exactly one commune fits.
func (u *Units) Resolve(address string) (unit Unit, line string, ok bool) {
	if u == nil || address == "" {
		return Unit{}, "", false
	}
	parts := strings.Split(address, ",")
	at, code := len(parts)-1, ""
	for ; at >= 0; at-- {
		next := u.named(code, parts[at])
		if len(next) != 1 {
			break
		}
		if code = next[0].Code; next[0].leaf {
			line = strings.TrimSpace(strings.Join(parts[:at], ","))
			return next[0], line, true
		}
	}
	return Unit{}, "", false
}

// named returns the units right below one that have that name, with or without
// its kind: those written alike, else those that fold alike.
func (u *Units) named(parent, name string) []Unit {
	exact, plain, whole, folded := lower(name), lower(bare(strings.TrimSpace(name))), Fold(name), Fold(bare(strings.TrimSpace(name)))
	for _, fits := range []func(*Unit) bool{
		func(unit *Unit) bool { return unit.exact == exact },
		func(unit *Unit) bool { return lower(bare(unit.Name)) == plain },
		func(unit *Unit) bool { return unit.whole == whole },
		func(unit *Unit) bool { return unit.folded == folded },
	} {
		var found []Unit
		for _, i := range u.below[parent] {
			if fits(&u.all[i]) {
				found = append(found, u.all[i])
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}
