package e2e_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/test/cafe"
)

// americano is the order that is placed again and again.
var americano = cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 1}}, Phone: "+821012345678"}

// The same request 50 times at once, through two api processes: one order, one
// charge, 50 equal answers.
func TestOneKeyFiftyTimesAtOnceIsOneOrder(t *testing.T) {
	needsServers(t)
	t.Parallel()
	c := startCluster(t)
	second := c.start("api", "--addr", "127.0.0.1:0")
	other := *c.Cafe
	other.Customer = second.address()
	awaitReady(t, other.Customer)
	const key = "the-key-of-all-fifty"

	answers := make([]cafe.Order, 50)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			var err error
			answers[i], err = []*cafe.Cafe{c.Cafe, &other}[i%2].PlaceOrder(within(t), americano, key)
			assert.NoError(t, err)
		})
	}
	wg.Wait()

	for _, answer := range answers {
		require.Equal(t, answers[0], answer)
	}
	require.Equal(t, "paid", answers[0].Status)
	c.requireSettled(map[string]end{answers[0].ID: {money: []string{"charge 2000"}, texts: 1}})
	require.Equal(t, []string{answers[0].ID}, ids(awaitBoard(t, c.Cafe, 1, "paid")))
}

func TestAnotherRequestUnderAKeyIsRefused(t *testing.T) {
	needsServers(t)
	t.Parallel()
	c := startCluster(t)
	bodies := []cafe.NewOrder{americano, {Items: []cafe.Item{{Product: "IceAmericano", Qty: 2}}}}
	for round := range 5 {
		key := fmt.Sprintf("one-key-two-orders-%d", round)
		orders, errs := make([]cafe.Order, 20), make([]error, 20)
		var wg sync.WaitGroup
		for i := range orders {
			wg.Go(func() { orders[i], errs[i] = c.PlaceOrder(within(t), bodies[i%2], key) })
		}
		wg.Wait()
		requireOneBody(t, orders, errs)
	}
}

// requireOneBody asserts that of two requests under one key, sent in turn, one
// has led to the order and the other was refused every time.
func requireOneBody(t *testing.T, orders []cafe.Order, errs []error) {
	t.Helper()
	won := 0
	if errs[0] != nil {
		won = 1
	}
	for i, err := range errs {
		if i%2 == won {
			require.NoError(t, err)
			require.Equal(t, orders[won].ID, orders[i].ID)
			continue
		}
		var p *cafe.Problem
		require.ErrorAs(t, err, &p)
		require.Equal(t, http.StatusConflict, p.Status)
		require.Equal(t, "idempotency_key_reused", p.Code)
	}
}

// A customer who was offline for long gets the order that came of the request,
// however it ended, and no second one.
func TestARepeatedRequestAfterTheEndIsTheSameOrder(t *testing.T) {
	needsServers(t)
	t.Parallel()
	c := startCluster(t)
	const key = "the-key-of-a-slow-phone"
	placed, err := c.PlaceOrder(within(t), americano, key)
	require.NoError(t, err)
	_, err = c.Cancel(within(t), placed.ID)
	require.NoError(t, err)
	temporal := c.temporal.Client(t, quietClient)
	require.NoError(t, temporal.GetWorkflow(within(t), placed.ID, "").Get(within(t), nil))

	again, err := c.PlaceOrder(within(t), americano, key)

	require.NoError(t, err)
	require.Equal(t, placed.ID, again.ID)
	require.Equal(t, "cancelled", again.Status)
	_, err = c.PlaceOrder(within(t), cafe.NewOrder{Items: []cafe.Item{{Product: "IceAmericano", Qty: 3}}}, key)
	var p *cafe.Problem
	require.ErrorAs(t, err, &p)
	require.Equal(t, "idempotency_key_reused", p.Code)
	c.requireSettled(map[string]end{placed.ID: endCancelled})
}

// A double click on each of the store's buttons is one click.
func TestADoubleClickIsOneClick(t *testing.T) {
	needsServers(t)
	t.Parallel()
	c := startCluster(t)
	o := c.place(1)[0]
	for _, button := range []string{"accept", "ready", "pick-up"} {
		errs := make([]error, 4)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = c.Act(within(t), o.ID, button, nil) })
		}
		wg.Wait()
		for _, err := range errs {
			require.NoError(t, err, button)
		}
	}
	c.requireSettled(map[string]end{o.ID: {money: []string{"charge 2000"}, texts: 4}})
}
