package operator

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/order"
)

// command is what one of the operators' commands does.
type command func(context.Context, app.Environment) error

func listing(options ListOptions) command {
	if options.PageSize == 0 {
		options.PageSize = 1000
	}
	return func(ctx context.Context, env app.Environment) error { return List(ctx, env, options) }
}

func showing(name string) command {
	return func(ctx context.Context, env app.Environment) error {
		return Show(ctx, env, ShowOptions{ID: name, Store: order.MainStore})
	}
}

func showingJSON(name string) command {
	return func(ctx context.Context, env app.Environment) error {
		return Show(ctx, env, ShowOptions{ID: name, Store: order.MainStore, JSON: true})
	}
}

func retrying(on string, by Attribution, ids ...string) command {
	return func(ctx context.Context, env app.Environment) error { return Retry(ctx, env, ids, on, by) }
}

func resetting(by Attribution, ids ...string) command {
	return func(ctx context.Context, env app.Environment) error { return Reset(ctx, env, ids, by) }
}

func forcing(id string, by Attribution) command {
	return func(ctx context.Context, env app.Environment) error { return ForceRefund(ctx, env, id, by) }
}

func settling(id, reference string, by Attribution) command {
	return func(ctx context.Context, env app.Environment) error {
		return SettleRefund(ctx, env, id, reference, 0, by)
	}
}

func givingUp(id string) command {
	return func(ctx context.Context, env app.Environment) error { return GiveUpText(ctx, env, id, Attribution{}) }
}

// auditing audits a day, unless the options say otherwise.
func auditing(options AuditOptions) command {
	if options.Since == 0 {
		options.Since = 24 * time.Hour
	}
	return func(ctx context.Context, env app.Environment) error { return Audit(ctx, env, options) }
}

func logging(options LogOptions) command {
	return func(ctx context.Context, env app.Environment) error { return PrintLog(ctx, env, options) }
}

func adding(name string, by Attribution) command {
	return func(ctx context.Context, env app.Environment) error {
		return AddStaff(ctx, env, StaffChange{Name: name}, by)
	}
}

func revoking(name string, older bool) command {
	return func(ctx context.Context, env app.Environment) error {
		return RevokeStaff(ctx, env, name, older, Attribution{})
	}
}

func ending(session string) command {
	return func(ctx context.Context, env app.Environment) error {
		return EndSession(ctx, env, session, Attribution{})
	}
}

func erasing(number string) command {
	return func(ctx context.Context, env app.Environment) error {
		return EraseMember(ctx, env, number, Attribution{Actor: "owner"})
	}
}
