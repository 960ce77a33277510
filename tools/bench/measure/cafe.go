package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// answerTimeout is longer than any answer of the API may take.
const answerTimeout = 30 * time.Second

// cafe is the system under test, over HTTP.
type cafe struct {
	customer, store, token string
	codes                  func(ctx context.Context, phone string) (string, error)
	http                   *http.Client

	mu      sync.Mutex
	members []string
}

func newCafe(of System) *cafe {
	c := &cafe{customer: of.API, store: of.Store, token: of.Token, codes: of.Codes, http: &http.Client{
		Timeout: answerTimeout,
		// Each client keeps its connection, as a person's browser does.
		Transport: &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: 1000, IdleConnTimeout: time.Minute},
	}}
	if c.codes == nil {
		c.codes = c.sandboxCode
	}
	return c
}

// placedOrder is what the bench looks at in an order.
type placedOrder struct {
	ID           string  `json:"id"`
	Status       string  `json:"status"`
	PickupNumber *string `json:"pickup_number"`
}

// orderPhone returns one of a hundred Korean mobile numbers that nobody has: subscribers' begin
// with 010-2 to 010-9.
func orderPhone(n int) string { return fmt.Sprintf("+8210000000%02d", n) }

// body is an order with everything in it: a text for each change, and points.
func (c *cafe) body() map[string]any {
	order := map[string]any{
		"items": []map[string]any{{"product": "IceAmericano", "qty": 2}},
		"phone": orderPhone(randomBelow(100)),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.members) > 0 {
		order["membership_number"] = c.members[randomBelow(len(c.members))]
	}
	return order
}

// place places an order, and returns it once it is paid, also where its customer
// was told to come back.
func (c *cafe) place(ctx context.Context) (o placedOrder, err error) {
	err = c.call(ctx, http.MethodPost, c.customer+"/orders", c.body(), &o)
	for err == nil && o.Status == "payment_pending" {
		if err = pause(ctx, lookAgain); err == nil {
			o, err = c.order(ctx, o.ID)
		}
	}
	if err != nil {
		return o, err
	}
	if o.Status != "paid" {
		return o, fmt.Errorf("order %s was placed, and is %s", o.ID, o.Status)
	}
	return o, nil
}

// act gives one of the store's commands.
func (c *cafe) act(ctx context.Context, id, command string) error {
	var body any = struct{}{}
	if command == "accept" {
		body = map[string]int{"eta_minutes": 5}
	}
	return c.call(ctx, http.MethodPost, c.store+"/store/orders/"+id+"/"+command, body, nil)
}

// steps are an order's life after it was placed.
var steps = []string{"accept", "ready", "pick-up"}

// finish takes an order to its end from one of the steps.
func (c *cafe) finish(ctx context.Context, id string, from int, between time.Duration) error {
	for _, step := range steps[from:] {
		if err := pause(ctx, between); err != nil {
			return err
		}
		if err := c.act(ctx, id, step); err != nil {
			return err
		}
	}
	return nil
}

// get reads, and throws away what it reads.
func (c *cafe) get(ctx context.Context, url string) error {
	return c.call(ctx, http.MethodGet, url, nil, nil)
}

// errTryAgain is the answer of a system that is out of order for the moment.
var errTryAgain = errors.New("503")

// order looks at an order as its customer's page does, which asks again when it
// hears that it should try again in a few seconds.
func (c *cafe) order(ctx context.Context, id string) (o placedOrder, err error) {
	for giveUp := time.Now().Add(lookPatience); ; {
		err = c.call(ctx, http.MethodGet, c.customer+"/orders/"+id, nil, &o)
		if !errors.Is(err, errTryAgain) || time.Now().After(giveUp) {
			return o, err
		}
		if err := pause(ctx, lookAgain); err != nil {
			return o, err
		}
	}
}

// boardPage is how many orders the board shows at once.
const boardPage = 50

func (c *cafe) board() string {
	return fmt.Sprint(c.store, "/store/orders?status=paid,accepted,ready&page_size=", boardPage)
}

// call makes one request; in and out may be nil.
func (c *cafe) call(ctx context.Context, method, url string, in, out any) error {
	request, err := c.request(ctx, method, url, in)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode == http.StatusTooManyRequests:
		return fmt.Errorf("%s: too many requests: the system needs CAFEFORME_RATE_LIMIT=off to be measured", url)
	case response.StatusCode == http.StatusServiceUnavailable:
		return fmt.Errorf("%s %s: %w: %.300s", method, url, errTryAgain, data)
	case response.StatusCode >= 300:
		return fmt.Errorf("%s %s: %d: %.300s", method, url, response.StatusCode, data)
	case out == nil:
		return nil
	}
	return json.Unmarshal(data, out)
}

func (c *cafe) request(ctx context.Context, method, url string, in any) (*http.Request, error) {
	var body io.Reader = http.NoBody
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.token)
	return request, nil
}
