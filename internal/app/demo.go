package app

import (
	"context"
	"errors"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/demo"
)

// checkDemo refuses a demo that would move real money, or text people.
func checkDemo(cfg config.Config) error {
	if provider, _ := cfg.Payments.Chosen(); !provider.Sandbox || !cfg.Texts.Sandbox {
		return errors.New("--demo orders and pays for people whom there are not: it needs CAFEFORME_PAYMENTS=sandbox and CAFEFORME_SMS=outbox")
	}
	return nil
}

// demo returns what fills this dev with the demo.
func (d *development) demo(p *Process) *demo.Demo {
	return &demo.Demo{
		Customer: d.customer.URL(), Store: d.store.URL(), Token: staffToken(p.Config),
		Made: d.data.File("demo.json"), Out: d.env.Stdout, Log: p.log,
	}
}

// fillWithDemo fills this dev beside everything else. Whatever goes wrong, the rest can be used.
func (d *development) fillWithDemo(ctx context.Context, p *Process) {
	p.group.Go(func() error {
		if err := d.demo(p).Fill(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("the demo has stopped half way; the next start with --demo goes on with it", "error", err)
		}
		return nil
	})
}
