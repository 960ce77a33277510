package main

import (
	"context"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// membersCommand are the commands for members.
type membersCommand struct {
	Erase membersErase `cmd:"" help:"Forget who a member is, and keep the points ledger. This cannot be undone."`
}

type membersErase struct {
	Number string `arg:"" help:"The membership number."`
	operatorFlag
}

// Run erases the member. To do so again does no harm.
func (c membersErase) Run(ctx context.Context, env environment) error {
	ctx, err := c.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		orders, err := database.Erase(ctx, phone.Digits(c.Number), time.Now())
		if order.ErrorCode(err) == order.CodeNotFound {
			return fmt.Errorf("there never was a member %q", c.Number)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.stdout, "Member %s is erased: name, phone, tokens, codes, and the customer in %s. The points ledger is kept.\n"+
			"What Temporal and the providers hold goes at the end of their retention: see docs/doors.md\n", c.Number, counted(orders, "order"))
		return err
	})
}
