package operator

import (
	"context"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// EraseMember forgets who the member with the number is. To do so again does no harm.
func EraseMember(ctx context.Context, env app.Environment, number string, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		orders, err := database.Erase(ctx, phone.Digits(number), time.Now())
		if order.ErrorCode(err) == order.CodeNotFound {
			return fmt.Errorf("there never was a member %q", number)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "Member %s is erased: name, phone, tokens, codes, and the customer in %s. The points ledger is kept.\n"+
			"What Temporal and the providers hold goes at the end of their retention: see docs/security.md\n", number, counted(orders, "order"))
		return err
	})
}
