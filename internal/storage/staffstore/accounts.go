package staffstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
	"github.com/cafeforme/cafeforme/order"
)

// AddStaff makes an account with its first token, and returns the token: it is stored as a hash only,
// and cannot be shown again. It fails with [staff.CodeNameTaken] when there is an account of that name.
func (s *Staff) AddStaff(ctx context.Context, a staff.Account) (token string, err error) {
	defer sqldb.Wrap(&err, "add %s to the staff", a.Name)
	err = s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		if err := adopt(ctx, tx); err != nil {
			return err
		}
		if err := addAccount(ctx, tx, a); err != nil {
			return err
		}
		token, err = addToken(ctx, tx, a.Name, a.CreatedAt)
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// StaffAccounts lists the accounts by name.
func (s *Staff) StaffAccounts(ctx context.Context, now time.Time) (listed []staff.Listed, err error) {
	defer sqldb.Wrap(&err, "list the staff")
	if err := s.adoptAny(ctx); err != nil {
		return nil, err
	}
	var rows []struct {
		accountRow
		Tokens   int `db:"tokens"`
		Passkeys int `db:"passkeys"`
		Sessions int `db:"sessions"`
	}
	err = sqldb.List(ctx, s.pool, &rows, `
		SELECT a.name, a.role, a.stores, a.created_at,
			(SELECT COUNT(*) FROM staff_tokens t WHERE t.name = a.name) AS tokens,
			(SELECT COUNT(*) FROM staff_passkeys p WHERE p.account = a.name) AS passkeys,
			(SELECT COUNT(*) FROM staff_sessions s WHERE s.expires_at > ? AND s.token_hash IN (`+credentialsOfAccount+`)) AS sessions
		FROM staff_accounts a ORDER BY a.name`, sqldb.Micros(now))
	if err != nil {
		return nil, err
	}
	listed = make([]staff.Listed, len(rows))
	for i, r := range rows {
		account, err := r.account()
		if err != nil {
			return nil, err
		}
		listed[i] = staff.Listed{Account: account, Tokens: r.Tokens, Passkeys: r.Passkeys, Sessions: r.Sessions}
	}
	return listed, nil
}

// credentialsOfAccount are the credentials of account a.
//
//nolint:gosec // G101: a query
const credentialsOfAccount = `
	SELECT token_hash FROM staff_tokens WHERE name = a.name
	UNION ALL SELECT 'passkey:' || credential_id FROM staff_passkeys WHERE account = a.name`

// EditStaff gives the account of that name the role and the stores that edit says. Nothing is changed
// when edit fails. It fails with CodeNotFound when there is no such account, and with
// [staff.CodeLastOwner] when that would leave no owner with an account; not so if last is set.
func (s *Staff) EditStaff(
	ctx context.Context, name string, last bool, edit func(staff.Account) (staff.Account, error),
) (after staff.Account, err error) {
	defer sqldb.Wrap(&err, "change %s of the staff", name)
	err = s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		before, err := findAccount(ctx, tx, name)
		if err != nil {
			return err
		}
		if after, err = edit(before); err != nil {
			return err
		}
		if before.Role == staff.Owner && after.Role != staff.Owner && !last {
			if err := anotherOwner(ctx, tx, name); err != nil {
				return err
			}
		}
		return setAccount(ctx, tx, before, after)
	})
	return after, err
}

// EndStaff ends the account of that name with all its tokens, passkeys and sessions, unless allow
// fails. It fails as EditStaff does.
func (s *Staff) EndStaff(ctx context.Context, name string, last bool, allow func(staff.Account) error) (err error) {
	defer sqldb.Wrap(&err, "end the account of %s", name)
	return s.change(ctx, func(ctx context.Context, tx sqldb.Querier) error {
		ended, err := findAccount(ctx, tx, name)
		if err != nil {
			return err
		}
		if err := allow(ended); err != nil {
			return err
		}
		if ended.Role == staff.Owner && !last {
			if err := anotherOwner(ctx, tx, name); err != nil {
				return err
			}
		}
		if _, _, err := endCredentials(ctx, tx, name); err != nil {
			return err
		}
		if err := sqldb.ExecOne(ctx, tx, "DELETE FROM staff_accounts WHERE name = ?", name); err != nil {
			return err
		}
		return recordAccount(ctx, tx, auditlog.Entry{Action: auditlog.StaffEnded, Subject: name}, &ended, nil)
	})
}

// anotherOwner fails with [staff.CodeLastOwner] unless an owner with another account can sign in.
func anotherOwner(ctx context.Context, tx sqldb.Querier, name string) error {
	var others int
	err := sqldb.Get(ctx, tx, &others, `
		SELECT COUNT(*) FROM staff_accounts a WHERE a.role = ? AND a.name <> ? AND (
			EXISTS (SELECT 1 FROM staff_tokens t WHERE t.name = a.name) OR
			EXISTS (SELECT 1 FROM staff_passkeys p WHERE p.account = a.name))`, string(staff.Owner), name)
	if err == nil && others == 0 {
		err = &order.Error{Code: staff.CodeLastOwner, Message: "nobody else has an owner's account: make somebody an owner first"}
	}
	return err
}

// addAccount makes the account.
func addAccount(ctx context.Context, tx sqldb.Querier, a staff.Account) error {
	stores, err := storesJSON(a)
	if err != nil {
		return err
	}
	added, err := sqldb.Exec(ctx, tx, "INSERT INTO staff_accounts (name, role, stores, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO NOTHING",
		a.Name, string(a.Role), stores, sqldb.Micros(a.CreatedAt))
	if err != nil {
		return err
	}
	if added == 0 {
		return &order.Error{Code: staff.CodeNameTaken, Message: fmt.Sprintf("there is an account called %q", a.Name)}
	}
	return recordAccount(ctx, tx, auditlog.Entry{At: a.CreatedAt, Action: auditlog.StaffAdded, Subject: a.Name}, nil, &a)
}

// setAccount gives an account its role and its stores.
func setAccount(ctx context.Context, tx sqldb.Querier, before, after staff.Account) error {
	if before.Role == after.Role && slices.Equal(before.Stores, after.Stores) {
		return nil
	}
	stores, err := storesJSON(after)
	if err != nil {
		return err
	}
	err = sqldb.ExecOne(ctx, tx, "UPDATE staff_accounts SET role = ?, stores = ? WHERE name = ?", string(after.Role), stores, before.Name)
	if err != nil {
		return err
	}
	return recordAccount(ctx, tx, auditlog.Entry{Action: auditlog.StaffSet, Subject: before.Name}, &before, &after)
}

// recordAccount writes the entry into the audit log, with what the account was, and is.
func recordAccount(ctx context.Context, tx sqldb.Querier, entry auditlog.Entry, before, after *staff.Account) (err error) {
	entry.Actor = auditlog.Actor(ctx)
	if entry.Before, err = accountText(before); err != nil {
		return err
	}
	if entry.After, err = accountText(after); err != nil {
		return err
	}
	return auditstore.Record(ctx, tx, entry)
}

// accountText is what the audit log says of an account; nothing of none.
func accountText(a *staff.Account) (string, error) {
	if a == nil {
		return "", nil
	}
	return auditlog.JSON(accountJSON{a.Role, emptyNotNull(a.Stores)})
}

// accountJSON is what the audit log says of an account.
type accountJSON struct {
	Role   staff.Role `json:"role"`
	Stores []string   `json:"stores"`
}

// accountRow is a row of the accounts.
type accountRow struct {
	Name      string `db:"name"`
	Role      string `db:"role"`
	Stores    string `db:"stores"`
	CreatedAt int64  `db:"created_at"`
}

func (r accountRow) account() (staff.Account, error) {
	a := staff.Account{Name: r.Name, Role: staff.Role(r.Role), CreatedAt: sqldb.TimeOf(r.CreatedAt)}
	if err := json.Unmarshal([]byte(r.Stores), &a.Stores); err != nil {
		return staff.Account{}, fmt.Errorf("decode the stores of %s: %w", r.Name, err)
	}
	if len(a.Stores) == 0 {
		a.Stores = nil
	}
	return a, nil
}

func storesJSON(a staff.Account) (string, error) {
	encoded, err := json.Marshal(emptyNotNull(a.Stores))
	if err != nil {
		return "", fmt.Errorf("encode the stores of %s: %w", a.Name, err)
	}
	return string(encoded), nil
}

func emptyNotNull(stores []string) []string {
	if stores == nil {
		return []string{}
	}
	return stores
}

// findAccount returns the account of that name, or CodeNotFound.
func findAccount(ctx context.Context, tx sqldb.Querier, name string) (staff.Account, error) {
	if !sqldb.Storable(name) {
		return staff.Account{}, sqldb.NotFound("account", name)
	}
	if err := adopt(ctx, tx); err != nil {
		return staff.Account{}, err
	}
	var row accountRow
	err := sqldb.Get(ctx, tx, &row, "SELECT name, role, stores, created_at FROM staff_accounts WHERE name = ?", name)
	if err != nil {
		return staff.Account{}, sqldb.OrNotFound(err, "account", name)
	}
	return row.account()
}

// adopt gives tokens that a process of the build before has made their accounts, while such processes
// are being replaced.
func adopt(ctx context.Context, tx sqldb.Querier) error {
	_, err := sqldb.Exec(ctx, tx, `
		INSERT INTO staff_accounts (name, role, stores, created_at)
		SELECT name, ?, '[]', MIN(created_at) FROM staff_tokens WHERE account = '' GROUP BY name ON CONFLICT (name) DO NOTHING`, string(staff.Owner))
	if err == nil {
		_, err = sqldb.Exec(ctx, tx, "UPDATE staff_tokens SET account = name WHERE account = ''")
	}
	return err
}

// adoptAny is adopt where there is anything to adopt.
func (s *Staff) adoptAny(ctx context.Context) error {
	var fresh int
	err := sqldb.Get(ctx, s.pool, &fresh, "SELECT COUNT(*) FROM staff_tokens WHERE account = ''")
	if err != nil || fresh == 0 {
		return err
	}
	return s.change(ctx, adopt)
}
