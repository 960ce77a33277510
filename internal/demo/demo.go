// Package demo fills a new system with a chain, for people to look at: stores in two time zones, a menu
// that they sell from each in its own way, staff, members, and a morning of orders. It does so over
// the HTTP API alone, as an owner, the staff and customers do, so that everything is as it would be in
// a real chain: orders are paid, their texts are sent, their points are credited.
//
// Start at [Demo.Fill]; what it makes is in stores.go, menu.json, people.go and orders.go.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/internal/apiclient"
	"github.com/cafeforme/cafeforme/internal/retry"
)

// Demo fills one system.
type Demo struct {
	// Customer and Store are the base URLs of its two surfaces.
	Customer, Store string
	// Token is an owner's.
	Token string
	// Made is the path of the file that says what was made, tokens included. It belongs to the system.
	Made string
	// Out is where people read what there is.
	Out io.Writer
	Log *slog.Logger
}

// Fill makes whatever is not there yet, which takes a few seconds, and says what there is. One that was
// interrupted goes on where it stopped; once it is through, nothing is made again.
func (d *Demo) Fill(ctx context.Context) error {
	there, err := readMade(d.Made)
	if err != nil {
		return err
	}
	if !there.Done {
		if err := d.fill(ctx, &there); err != nil {
			return fmt.Errorf("fill the system with the demo: %w", err)
		}
	}
	return d.tell(ctx, there)
}

func (d *Demo) fill(ctx context.Context, there *made) error {
	d.Log.Info("the demo is being made: everything can be used meanwhile")
	for _, step := range []func(context.Context, *made) error{
		d.openStores, d.writeMenu, d.overrideMenus, d.hireStaff, d.signMembersUp, d.playMorning,
	} {
		if err := step(ctx, there); err != nil {
			return err
		}
	}
	there.Done = true
	return there.write(d.Made)
}

// owner makes a request as the owner, to a path of the store's surface.
func (d *Demo) owner(ctx context.Context, method, path string, in, out any) error {
	_, err := d.call(ctx, method, d.Store+path, apiclient.Bearer(d.Token), in, out)
	return err
}

// call makes a request, again for as long as the system says to come back later, or does not answer. It
// returns the header of the answer; one that is no success is a [*apiclient.Problem].
func (d *Demo) call(ctx context.Context, method, url string, header http.Header, in, out any) (answered http.Header, err error) {
	const patience = time.Minute
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %s", patience))
	defer cancel()
	err = retry.Until(ctx, d.Log, method+" "+url, func(ctx context.Context) error {
		answered, err = apiclient.Call(ctx, method, url, header, in, out)
		var problem *apiclient.Problem
		if errors.As(err, &problem) && problem.Status != http.StatusServiceUnavailable && problem.Status != http.StatusTooManyRequests {
			return retry.Permanent(err)
		}
		return err
	})
	return answered, err
}

// problemOf returns the problem that the error is, and one without a code for any other error.
func problemOf(err error) apiclient.Problem {
	if problem := new(apiclient.Problem); errors.As(err, &problem) {
		return *problem
	}
	return apiclient.Problem{}
}
