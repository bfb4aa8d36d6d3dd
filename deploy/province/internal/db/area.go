package db

import (
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// Area is a place in the administrative tree, as a path of unit codes from the
// province down: "30" the province, "30/298" a district of it, "30/298/11194" a
// commune. Whoever answers for an area answers for all below it. The zero Area
// is nowhere.
type Area string

// ParseArea checks the form of an area: one to three codes of digits.
func ParseArea(s string) (Area, error) {
	parts := strings.Split(s, "/")
	if len(parts) > 3 {
		return "", fmt.Errorf("the area %q has more than three levels", s)
	}
	for _, p := range parts {
		if p == "" || len(p) > 8 || strings.Trim(p, "0123456789") != "" {
			return "", fmt.Errorf("the area %q is not of the form province/district/commune, in unit codes", s)
		}
	}
	return Area(s), nil
}

// Contains says whether other is a or lies below it.
func (a Area) Contains(other Area) bool {
	return a != "" && (a == other || strings.HasPrefix(string(other), string(a)+"/"))
}

// Unit is the code of the area itself, without those above it.
func (a Area) Unit() string { return string(a[strings.LastIndexByte(string(a), '/')+1:]) }

// Where restricts a query to the rows of the area: the column is the one that
// holds theirs. It is the only way by which officers' queries see areas.
func (a Area) Where(column string) func(*bun.SelectQuery) *bun.SelectQuery {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		if a == "" {
			return q.Where("1 = 0")
		}
		return q.Where("(? = ? OR ? LIKE ?)", bun.Ident(column), string(a), bun.Ident(column), string(a)+"/%")
	}
}

// Up is the area of the level (1 the province, 2 a district, 3 a commune) that a
// is or lies in; a itself where it is wider.
func (a Area) Up(level int) Area {
	parts := strings.Split(string(a), "/")
	return Area(strings.Join(parts[:min(level, len(parts))], "/"))
}
