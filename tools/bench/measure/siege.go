package measure

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"time"
)

// siegeClients is how many clients the seed's load profile has.
const siegeClients = 100

// siegeOrder is what each of them orders.
const siegeOrder = `{"items":[{"product":"IceAmericano","qty":2}],"phone":"+821000000000"}`

// siege has siege, the HTTP load generator, place orders as the seed's load profile
// does. Without it the bench's own clients do the same.
func (s *session) siege(ctx context.Context) error {
	if s.Siege == 0 {
		s.omit("siege", "--siege 0")
		return nil
	}
	s.tell("siege: %d clients place orders for %s", siegeClients, s.Options.Siege)
	var result Siege
	path, err := exec.LookPath("siege")
	if err != nil {
		s.tell("    siege is not installed (apt-get install siege): the bench's own clients order instead")
		result = s.placeAsSiege(ctx)
	} else if result, err = runSiege(ctx, path, s.cafe.customer, s.Options.Siege); err != nil {
		return err
	}
	s.report.Siege = &result
	s.tell("    %d orders, availability %.2f %%, %d failed, %.1f per second, mean %.0f ms",
		result.Transactions, result.Availability, result.Failed, result.PerS, result.Mean)
	if err := s.report.save(s.Options); err != nil {
		return err
	}
	s.waiting, err = s.cafe.waiting(ctx)
	s.open = len(s.waiting)
	return err
}

// placeAsSiege does what siege would.
func (s *session) placeAsSiege(ctx context.Context) Siege {
	begin := time.Now()
	t := closedLoop(ctx, siegeClients, window{measured: s.Options.Siege}, func(ctx context.Context) error {
		_, err := s.cafe.place(ctx)
		return err
	}, func() {})
	took := min(time.Since(begin), s.Options.Siege).Seconds() // less, when it was hopeless
	latency, all := latencyOf(t.samples), len(t.samples)+t.failed
	return Siege{
		By: "the bench's own clients (siege is not installed)", Seconds: took,
		Transactions: len(t.samples), Failed: t.failed, Availability: 100 * float64(len(t.samples)) / float64(max(all, 1)),
		PerS: float64(len(t.samples)) / took, Mean: latency.Mean, Longest: latency.Max,
	}
}

// runSiege runs siege and reads its report.
func runSiege(ctx context.Context, path, api string, long time.Duration) (s Siege, err error) {
	// Its settings are its defaults, whatever the user's are.
	home, err := os.MkdirTemp("", "cafeforme-siege-")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	cmd := exec.CommandContext(ctx, path, fmt.Sprintf("-c%d", siegeClients), fmt.Sprintf("-t%dS", max(1, int(long.Seconds()))),
		"--json-output", "--quiet", "--content-type", "application/json", api+"/orders POST "+siegeOrder)
	cmd.Env = append(os.Environ(), "HOME="+home)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	output, err := cmd.Output()
	if err != nil {
		return s, fmt.Errorf("siege: %w: %.500s", err, complaints.String())
	}
	return parseSiege(output)
}

// parseSiege reads what siege 4 prints with --json-output, which other lines may
// precede. It counts seconds.
func parseSiege(output []byte) (Siege, error) {
	var r struct {
		Transactions int     `json:"transactions"`
		Availability float64 `json:"availability"`
		Elapsed      float64 `json:"elapsed_time"`
		Response     float64 `json:"response_time"`
		Rate         float64 `json:"transaction_rate"`
		Failed       int     `json:"failed_transactions"`
		Longest      float64 `json:"longest_transaction"`
	}
	begin := max(0, bytes.LastIndexByte(output, '{'))
	if err := json.Unmarshal(output[begin:], &r); err != nil {
		return Siege{}, fmt.Errorf("siege has reported what cannot be read (%w): %.500s", err, output)
	}
	return Siege{
		By: "siege", Seconds: r.Elapsed, Transactions: r.Transactions, Failed: r.Failed, Availability: r.Availability,
		PerS: r.Rate, Mean: 1000 * r.Response, Longest: 1000 * r.Longest,
	}, nil
}

// waiting lists the orders that wait for the store.
func (c *cafe) waiting(ctx context.Context) (ids []string, err error) {
	for token := ""; ; {
		var page struct {
			Orders []placedOrder `json:"orders"`
			Next   string        `json:"next_page_token"`
		}
		address := c.store + "/store/orders?status=paid&page_size=200&page_token=" + url.QueryEscape(token)
		if err := c.call(ctx, "GET", address, nil, &page); err != nil {
			return nil, err
		}
		for _, o := range page.Orders {
			ids = append(ids, o.ID)
		}
		if token = page.Next; token == "" {
			return ids, nil
		}
	}
}
