// Package account knows the officers: who they are, what they may do, and where.
//
// A role says what an account may do, its area where; both are asked by
// [Account.May] and [Account.Sees]. The province's own office has the whole
// province, a district or a commune its part. A laboratory sees the specimens of
// its area and enters results, and sees no declarations.
//
// Passwords are kept with argon2id (RFC 9106, its second recommendation: 64 MiB,
// 3 passes, 4 lanes); for guessing them see [Registry.Login]. A session is a random
// cookie of which the database has only the hash; it ends after twelve hours, or
// one without use.
package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/crypto/argon2"

	"chot/deploy/province/internal/db"
	"chot/deploy/province/internal/ratelimit"
	"chot/ui/catalog"
)

// Role says what an account may do.
type Role string

// The roles.
const (
	Province   Role = "province"
	District   Role = "district"
	Commune    Role = "commune"
	Laboratory Role = "laboratory"
	// Machine is another system, let in by an API key: its rights are the key's.
	Machine Role = "machine"
)

// Right is one thing that an account may do.
type Right string

// The rights.
const (
	SeeFleet    Right = "see-fleet"    // kiosks, incidents, arrivals, figures
	SettleFleet Right = "settle-fleet" // settle incidents, revoke kiosks
	SeePeople   Right = "see-people"   // declarations and what else names people
	ErasePeople Right = "erase-people"
	SeeTests    Right = "see-tests" // specimens, pools and results
	EnterTests  Right = "enter-tests"
	EnterDoses  Right = "enter-doses" // doses given, and invitations
	SeeReports  Right = "see-reports"
	Export      Right = "export"
	SeeAudit    Right = "see-audit"
	// RunCampaigns is to ask agencies of the area for something until a day.
	RunCampaigns Right = "run-campaigns"
	// ManageAccounts is to make, reset and disable accounts, see [Account.Manages].
	ManageAccounts Right = "manage-accounts"
)

var rights = map[Role][]Right{
	Province:   {SeeFleet, SettleFleet, SeePeople, ErasePeople, SeeTests, EnterTests, EnterDoses, SeeReports, Export, SeeAudit, RunCampaigns, ManageAccounts},
	District:   {SeeFleet, SettleFleet, SeePeople, SeeTests, EnterDoses, SeeReports, Export, SeeAudit, RunCampaigns, ManageAccounts},
	Commune:    {SeeFleet, SeePeople, SeeTests, EnterDoses, SeeReports, Export},
	Laboratory: {SeeTests, EnterTests},
}

// Roles are the roles by name, the widest first.
var Roles = []Role{Province, District, Commune, Laboratory}

// Account is an officer who has logged in.
type Account struct {
	Name     string
	Title    string
	Role     Role
	Area     db.Area
	Language string
	Scopes   string // of a [Machine], separated by blanks
}

// May says whether the account's role has a right, or the machine's key.
func (a Account) May(r Right) bool {
	if a.Role == Machine {
		for _, scope := range strings.Fields(a.Scopes) {
			if Scopes[Scope(scope)] == r {
				return true
			}
		}
		return false
	}
	return slices.Contains(rights[a.Role], r)
}

// Sees says whether a place is in the account's area.
func (a Account) Sees(area db.Area) bool { return a.Area.Contains(area) }

// Registry keeps accounts and sessions.
type Registry struct {
	DB     *bun.DB
	Limits *ratelimit.Limiter // of log-ins
	Now    func() time.Time
}

// InputError says what is wrong with what an account should be.
type InputError struct{ error }

// minPassword is the fewest characters of a password.
const minPassword = 10

// Put makes an account, or gives an existing one a new password, role and area
// and ends its sessions.
func (g *Registry) Put(ctx context.Context, a Account, password string) error {
	_, areaErr := db.ParseArea(string(a.Area))
	switch {
	case a.Name == "" || len(a.Name) > 64 || strings.TrimSpace(a.Name) != a.Name:
		return InputError{fmt.Errorf("the name %q is not of 1 to 64 characters without space around", a.Name)}
	case !slices.Contains(Roles, a.Role):
		return InputError{fmt.Errorf("the role %q is not one of %v", a.Role, Roles)}
	case areaErr != nil:
		return InputError{areaErr}
	case len([]rune(password)) < minPassword:
		return InputError{fmt.Errorf("the password has fewer than %d characters", minPassword)}
	}
	if a.Title == "" {
		a.Title = a.Name
	}
	if a.Language == "" {
		a.Language = catalog.Default
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	row := &db.Account{
		Name: a.Name, Title: a.Title, Role: string(a.Role), Area: a.Area, Language: a.Language,
		Password: hash, Made: db.At(g.Now()),
	}
	err = g.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(row).On("CONFLICT (name) DO UPDATE").
			Set("title = EXCLUDED.title").Set("role = EXCLUDED.role").Set("area = EXCLUDED.area").
			Set("language = EXCLUDED.language").Set("password = EXCLUDED.password").
			Set("disabled = 0").Exec(ctx)
		if err != nil {
			return err
		}
		return endSessions(ctx, tx, a.Name)
	})
	if err != nil {
		return fmt.Errorf("keeping the account %s: %w", a.Name, err)
	}
	return nil
}

// endSessions ends the sessions of an account, and forgets its browsers.
func endSessions(ctx context.Context, tx bun.IDB, name string) error {
	for _, model := range []any{(*db.Session)(nil), (*db.Device)(nil)} {
		if _, err := tx.NewDelete().Model(model).Where("account = ?", name).Exec(ctx); err != nil {
			return fmt.Errorf("ending the sessions of %s: %w", name, err)
		}
	}
	return nil
}

func account(row db.Account) Account {
	return Account{Name: row.Name, Title: row.Title, Role: Role(row.Role), Area: row.Area, Language: row.Language}
}

const (
	longest = 12 * time.Hour
	idle    = time.Hour
	// noted is how stale a session's last use may be, so that not every request writes.
	noted = 5 * time.Minute
)

// Session returns the account of a session, by its secret.
func (g *Registry) Session(ctx context.Context, secret string) (Account, error) {
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		return Account{}, ErrWrong
	}
	now := g.Now()
	s := db.Session{Hash: hashSecret(raw)}
	err = g.DB.NewSelect().Model(&s).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (now.After(s.Expires.Time) || now.After(s.Seen.Add(idle))) {
		return Account{}, ErrWrong
	}
	if err != nil {
		return Account{}, fmt.Errorf("looking up a session: %w", err)
	}
	row := db.Account{Name: s.Account}
	if err := g.DB.NewSelect().Model(&row).WherePK().Scan(ctx); err != nil {
		return Account{}, fmt.Errorf("looking up the account of a session: %w", err)
	}
	if !row.Disabled.IsZero() {
		return Account{}, ErrWrong
	}
	if now.After(s.Seen.Add(noted)) {
		s.Seen = db.At(now)
		if _, err := g.DB.NewUpdate().Model(&s).Column("seen").WherePK().Exec(ctx); err != nil {
			return Account{}, fmt.Errorf("noting the use of a session: %w", err)
		}
	}
	return account(row), nil
}

// Logout ends a session.
func (g *Registry) Logout(ctx context.Context, secret string) error {
	raw, err := base64.RawURLEncoding.DecodeString(secret)
	if err != nil {
		return nil
	}
	_, err = g.DB.NewDelete().Model(&db.Session{Hash: hashSecret(raw)}).WherePK().Exec(ctx)
	return err
}

func hashSecret(secret []byte) []byte {
	sum := sha256.Sum256(secret)
	return sum[:]
}

// cost is what a new hash takes: RFC 9106, 4, the second recommendation. Tests use
// less.
var cost = struct {
	passes, memory uint32 // memory in KiB
	lanes          uint8
}{3, 64 << 10, 4}

const argonKey = 32

// hashing bounds the memory that log-ins take together: one password at a time,
// and few that wait for it.
var hashing = newQueue(1, 16)

// queue lets some work at once, and some wait.
type queue struct{ working, present chan struct{} }

func newQueue(working, waiting int) queue {
	return queue{make(chan struct{}, working), make(chan struct{}, working+waiting)}
}

// do runs work, perhaps after a wait. The error is [ErrBusy] when too many wait.
func (q queue) do(ctx context.Context, work func()) error {
	select {
	case q.present <- struct{}{}:
	default:
		return ErrBusy
	}
	defer func() { <-q.present }()
	select {
	case q.working <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-q.working }()
	work()
	return nil
}

func derive(ctx context.Context, password string, salt []byte, passes, memory uint32, lanes uint8, size uint32) (key []byte, err error) {
	err = hashing.do(ctx, func() { key = argon2.IDKey([]byte(password), salt, passes, memory, lanes, size) })
	return key, err
}

func hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	key, err := derive(ctx, password, salt, cost.passes, cost.memory, cost.lanes, argonKey)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.memory, cost.passes, cost.lanes,
		enc.EncodeToString(salt), enc.EncodeToString(key)), nil
}

// checkPassword says whether a hash is a password's. The error is of the queue.
func checkPassword(ctx context.Context, hash, password string) (bool, error) {
	var version int
	var memory, passes uint32
	var lanes uint8
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, nil
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil || version != argon2.Version {
		return false, nil
	}
	enc := base64.RawStdEncoding
	salt, saltErr := enc.DecodeString(parts[4])
	key, keyErr := enc.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(key) == 0 {
		return false, nil
	}
	derived, err := derive(ctx, password, salt, passes, memory, lanes, uint32(len(key)))
	return err == nil && subtle.ConstantTimeCompare(key, derived) == 1, err
}

// decoy is a hash that no password has, for names that do not exist: checking it
// takes as long as checking theirs.
func decoy() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, cost.memory, cost.passes, cost.lanes,
		enc.EncodeToString(make([]byte, 16)), enc.EncodeToString(make([]byte, argonKey)))
}
