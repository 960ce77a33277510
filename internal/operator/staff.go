package operator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/staffstore"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// as returns the context of what the operator does.
func (w Attribution) as(ctx context.Context, env app.Environment) (context.Context, error) {
	in, err := w.sign(workflows.Operation{}, env)
	if err != nil {
		return nil, err
	}
	return auditlog.WithActor(ctx, in.Actor), nil
}

// StaffChange is what an account is to be.
type StaffChange struct {
	Name string
	// Role is empty for the one that it has; a new account is an owner's then.
	Role staff.Role
	// Stores are those that its holder works at; nil for those that it has, or for all.
	Stores []string
	// AllStores: its holder works at all stores.
	AllStores bool
}

// on returns the account as it is to be.
func (c StaffChange) on(a staff.Account) (staff.Account, error) {
	a.Role = cmp.Or(c.Role, a.Role)
	if c.Stores != nil || c.AllStores {
		a.Stores = slices.Sorted(slices.Values(c.Stores))
	}
	if a.Role == staff.Owner {
		if len(c.Stores) > 0 {
			return a, errors.New("an owner works at all stores: leave --store out, or choose another role")
		}
		a.Stores = nil
	}
	return a, nil
}

// checkStores fails unless there are the stores.
func (c StaffChange) checkStores(ctx context.Context, database *storage.DB) error {
	for _, slug := range c.Stores {
		_, err := database.Store(ctx, slug)
		if order.ErrorCode(err) == order.CodeNotFound {
			return fmt.Errorf("there is no store %q", slug)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AddStaff makes a token of that name, and prints it; with an account, if there is none.
func AddStaff(ctx context.Context, env app.Environment, change StaffChange, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		if err := change.checkStores(ctx, database); err != nil {
			return err
		}
		token, err := newToken(ctx, database, change)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "%s\n", token)
		if err == nil {
			_, err = fmt.Fprintf(env.Stderr, "This is the new token of %s. It is not shown again. Revoke the tokens before it with: "+
				"cafeforme staff revoke --older %q\n", change.Name, change.Name)
		}
		return err
	})
}

// newToken makes a token of a new account, or another one of an account whose role and stores are those
// that are asked for. Somebody new without a role is an owner.
func newToken(ctx context.Context, database *storage.DB, change StaffChange) (string, error) {
	known, found, err := accountOf(ctx, database, change.Name)
	if err != nil {
		return "", err
	}
	if !found {
		account, err := change.on(staff.Account{Name: change.Name, Role: staff.Owner, CreatedAt: time.Now()})
		if err != nil {
			return "", err
		}
		return database.AddStaff(ctx, account)
	}
	if wanted, err := change.on(known); err != nil || wanted.Role != known.Role || !slices.Equal(wanted.Stores, known.Stores) {
		return "", fmt.Errorf("%s is there already, as %s of %s; change that with: cafeforme staff set %q",
			known.Name, known.Role, storesOf(known), known.Name)
	}
	return database.AddStaffToken(ctx, change.Name, time.Now())
}

func accountOf(ctx context.Context, database *storage.DB, name string) (a staff.Account, found bool, err error) {
	listed, err := database.StaffAccounts(ctx, time.Now())
	for _, one := range listed {
		if one.Name == name {
			return one.Account, true, nil
		}
	}
	return a, false, err
}

// SetStaff gives an account another role, or other stores.
func SetStaff(ctx context.Context, env app.Environment, change StaffChange, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		if err := change.checkStores(ctx, database); err != nil {
			return err
		}
		after, err := database.EditStaff(ctx, change.Name, true, change.on)
		if err != nil {
			return noAccount(err, change.Name)
		}
		_, err = fmt.Fprintf(env.Stdout, "%s is %s of %s now. Running stores know within a second.\n", after.Name, after.Role, storesOf(after))
		return err
	})
}

// EndStaff ends an account, with all that its holder can sign in with.
func EndStaff(ctx context.Context, env app.Environment, name string, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		if err := database.EndStaff(ctx, name, true, func(staff.Account) error { return nil }); err != nil {
			return noAccount(err, name)
		}
		_, err = fmt.Fprintf(env.Stdout, "The account of %s is ended. Running stores refuse its tokens, passkeys and browsers within a second.\n", name)
		return err
	})
}

func noAccount(err error, name string) error {
	if order.ErrorCode(err) == order.CodeNotFound {
		return fmt.Errorf("nobody is called %q; see cafeforme staff list", name)
	}
	return err
}

// storesOf says where somebody works.
func storesOf(a staff.Account) string {
	if a.Everywhere() {
		return "all stores"
	}
	return strings.Join(a.Stores, ", ")
}

// ListStaff prints who has tokens, and who has an account without any.
func ListStaff(ctx context.Context, env app.Environment) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		accounts, err := database.StaffAccounts(ctx, time.Now())
		if err != nil {
			return err
		}
		tokens, err := database.StaffTokens(ctx, time.Now())
		if err != nil {
			return err
		}
		return printStaff(env, accounts, tokens)
	})
}

// printStaff prints a line for each token, and for each account without one.
func printStaff(env app.Environment, accounts []staff.Listed, tokens []staffstore.StaffToken) error {
	table := tabwriter.NewWriter(env.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "NAME\tSINCE\tBROWSERS\tROLE\tSTORES\tPASSKEYS")
	for _, a := range accounts {
		line := func(since time.Time, browsers string) {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\n", a.Name, since.Format(time.DateTime+" MST"), browsers, a.Role, storesOf(a.Account), a.Passkeys)
		}
		if a.Tokens == 0 {
			line(a.CreatedAt, strconv.Itoa(a.Sessions))
		}
		for _, t := range tokens {
			if t.Name == a.Name {
				line(t.CreatedAt, strconv.Itoa(t.Sessions))
			}
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the staff: %w", err)
	}
	return nil
}

// RevokeStaff revokes the tokens of that name, and its passkeys; but for the newest token, and the
// passkeys, if older is set.
func RevokeStaff(ctx context.Context, env app.Environment, name string, older bool, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		revoked, err := database.RevokeStaffTokens(ctx, name, older)
		if order.ErrorCode(err) == order.CodeNotFound {
			return fmt.Errorf("nobody called %q has a token; see cafeforme staff list", name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "Revoked %s of %s. Running stores refuse what is revoked within seconds.\n",
			counted(revoked, "token"), name)
		return err
	})
}
