package stripetest

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Intent is a PaymentIntent.
type Intent struct {
	ID               string            `json:"id"`
	Object           string            `json:"object"`
	Amount           int64             `json:"amount"`
	Currency         string            `json:"currency"`
	Status           string            `json:"status"`
	ClientSecret     string            `json:"client_secret"`
	PaymentMethod    string            `json:"payment_method"`
	Metadata         map[string]string `json:"metadata"`
	Created          int64             `json:"created"`
	LatestCharge     *Charge           `json:"latest_charge"`
	LastPaymentError *apiError         `json:"last_payment_error"`
	NextAction       *nextAction       `json:"next_action"`
}

// Charge is the money that a PaymentIntent took.
type Charge struct {
	ID             string            `json:"id"`
	Object         string            `json:"object"`
	Amount         int64             `json:"amount"`
	AmountRefunded int64             `json:"amount_refunded"`
	Currency       string            `json:"currency"`
	PaymentIntent  string            `json:"payment_intent"`
	Metadata       map[string]string `json:"metadata"`
	Created        int64             `json:"created"`
}

type nextAction struct {
	Type          string         `json:"type"`
	RedirectToURL *redirectToURL `json:"redirect_to_url,omitempty"`
}

type redirectToURL struct {
	URL       string `json:"url"`
	ReturnURL string `json:"return_url"`
}

// Intents returns the order's PaymentIntents, the oldest first.
func (s *Server) Intents(orderID string) []Intent {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Intent
	for _, i := range s.intents {
		if i.Metadata["order_id"] == orderID {
			found = append(found, *i)
			found[len(found)-1].LatestCharge = nil // it goes on changing
		}
	}
	return found
}

// Complete lets the customer finish, or fail, what the card's bank has asked of
// them, or the bank decide a payment that is processing, and makes the event of it.
func (s *Server) Complete(orderID string, well bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.intents {
		if i.Metadata["order_id"] != orderID || i.Status != "requires_action" && i.Status != "processing" {
			continue
		}
		i.NextAction = nil
		if well {
			s.succeed(i)
		} else {
			s.decline(i, "payment_intent_authentication_failure", "")
		}
		s.decided(i, well)
	}
}

func (s *Server) createIntent(r *http.Request) answer {
	amount, err := strconv.ParseInt(r.PostForm.Get("amount"), 10, 64)
	if err != nil || amount <= 0 {
		return malformed("parameter_invalid_integer", "amount", "This value must be greater than or equal to 1.")
	}
	if refusal, refused := checkCharge(amount, r.PostForm.Get("currency")); refused {
		return refusal
	}
	method := r.PostForm.Get("payment_method")
	if _, declined := declineCodes[method]; !declined && !slices.Contains([]string{Visa, NeedsAction, StaysProcessing}, method) {
		return invalid("resource_missing", "payment_method", "No such PaymentMethod: '"+method+"'")
	}
	i := s.newIntent(amount, r.PostForm.Get("currency"), method, metadataOf(r.PostForm, "metadata"))
	if r.PostForm.Get("confirm") == "true" {
		return s.pay(i, r.PostForm.Get("return_url"))
	}
	return ok(*i)
}

func (s *Server) newIntent(amount int64, currency, method string, metadata map[string]string) *Intent {
	id := "pi_" + rand.Text()
	i := &Intent{
		ID: id, Object: "payment_intent", Amount: amount, Currency: currency,
		Status: "requires_confirmation", ClientSecret: id + "_secret_" + rand.Text(), PaymentMethod: method,
		Metadata: metadata, Created: s.clock().Unix(),
	}
	s.intents = append(s.intents, i)
	return i
}

func (s *Server) confirmIntent(r *http.Request) answer {
	i := s.intent(r.PathValue("id"))
	if i == nil {
		return noSuchIntent(r.PathValue("id"))
	}
	if i.Status != "requires_confirmation" && i.Status != "requires_payment_method" {
		return unexpected(i, "confirm")
	}
	return s.pay(i, r.PostForm.Get("return_url"))
}

// pay does with the PaymentIntent what its payment method does. Where the customer can be
// led back, the bank asks on a page of its own.
func (s *Server) pay(i *Intent, returnURL string) answer {
	if code, declined := declineCodes[i.PaymentMethod]; declined {
		return s.decline(i, "card_declined", code)
	}
	switch i.PaymentMethod {
	case NeedsAction:
		i.Status, i.NextAction = "requires_action", &nextAction{Type: "use_stripe_sdk"}
		if returnURL != "" {
			i.NextAction = &nextAction{"redirect_to_url", &redirectToURL{s.URL + "/authenticate/" + i.ID, returnURL}}
		}
	case StaysProcessing:
		i.Status = "processing"
	default:
		s.succeed(i)
	}
	return ok(*i)
}

func (s *Server) succeed(i *Intent) {
	i.Status, i.LastPaymentError = "succeeded", nil
	i.LatestCharge = &Charge{
		ID: "ch_" + rand.Text(), Object: "charge", Amount: i.Amount, Currency: i.Currency,
		PaymentIntent: i.ID, Metadata: i.Metadata, Created: s.clock().Unix(),
	}
	s.happened("payment_intent.succeeded", *i)
}

func (s *Server) decline(i *Intent, code, declineCode string) answer {
	i.Status = "requires_payment_method"
	i.LastPaymentError = &apiError{Type: "card_error", Code: code, DeclineCode: declineCode, Message: "Your card was declined."}
	s.happened("payment_intent.payment_failed", *i)
	e, copied := *i.LastPaymentError, *i
	e.PaymentIntent = &copied
	return answer{status: http.StatusPaymentRequired, body: map[string]any{"error": e}}
}

func (s *Server) cancelIntent(r *http.Request) answer {
	i := s.intent(r.PathValue("id"))
	switch {
	case i == nil:
		return noSuchIntent(r.PathValue("id"))
	case s.sessionOf(i) != nil:
		return problem(http.StatusBadRequest, "invalid_request_error", "",
			"You cannot cancel this PaymentIntent because it was created by a Checkout Session. Expire the Checkout Session instead.")
	case i.Status == "succeeded" || i.Status == "canceled" || i.Status == "processing":
		return unexpected(i, "cancel")
	}
	i.Status, i.NextAction = "canceled", nil
	s.happened("payment_intent.canceled", *i)
	return ok(*i)
}

func (s *Server) showIntent(r *http.Request) answer {
	if i := s.intent(r.PathValue("id")); i != nil {
		return ok(*i)
	}
	return noSuchIntent(r.PathValue("id"))
}

// listIntents lists the newest first, a page at a time.
func (s *Server) listIntents(r *http.Request) answer {
	query := r.URL.Query()
	return page(s.intents, query, func(i *Intent) bool { return madeIn(i.Created, query) })
}

// madeIn reports whether an object was made in the time that the query asks for.
func madeIn(created int64, query url.Values) bool {
	from, _ := strconv.ParseInt(query.Get("created[gte]"), 10, 64)
	to, err := strconv.ParseInt(query.Get("created[lte]"), 10, 64)
	return created >= from && (err != nil || created <= to)
}

// searchIntents understands metadata['order_id']:'...' and OR.
func (s *Server) searchIntents(r *http.Request) answer {
	query := r.URL.Query()
	result := page(s.intents, query, func(i *Intent) bool {
		return strings.Contains(query.Get("query"), "metadata['order_id']:'"+i.Metadata["order_id"]+"'")
	})
	list, _ := result.body.(map[string]any)
	list["object"] = "search_result"
	return result
}

// identified is an object of Stripe's.
type identified interface{ id() string }

func (i *Intent) id() string { return i.ID }

// page lists the wanted objects, the newest first.
func page[T identified](all []T, query url.Values, wanted func(T) bool) answer {
	limit := 10
	if n, err := strconv.Atoi(query.Get("limit")); err == nil {
		limit = n
	}
	newest := slices.Clone(all)
	slices.Reverse(newest)
	newest = slices.DeleteFunc(newest, func(one T) bool { return !wanted(one) })
	if after := query.Get("starting_after"); after != "" {
		at := slices.IndexFunc(newest, func(one T) bool { return one.id() == after })
		newest = newest[at+1:]
	}
	data := append([]T{}, newest[:min(limit, len(newest))]...)
	return ok(map[string]any{"object": "list", "url": "/v1", "has_more": len(newest) > limit, "data": data})
}

func (s *Server) intent(id string) *Intent {
	at := slices.IndexFunc(s.intents, func(i *Intent) bool { return i.ID == id })
	if at < 0 {
		return nil
	}
	return s.intents[at]
}

func noSuchIntent(id string) answer {
	return answer{status: http.StatusNotFound, body: map[string]any{"error": apiError{
		Type: "invalid_request_error", Code: "resource_missing", Param: "intent", Message: "No such payment_intent: '" + id + "'",
	}}}
}

func unexpected(i *Intent, what string) answer {
	copied := *i
	return answer{status: http.StatusBadRequest, body: map[string]any{"error": apiError{
		Type: "invalid_request_error", Code: "payment_intent_unexpected_state", PaymentIntent: &copied,
		Message: "You cannot " + what + " this PaymentIntent because it has a status of " + i.Status + ".",
	}}}
}

// metadataOf returns what the form has under that name, such as metadata.
func metadataOf(form url.Values, name string) map[string]string {
	found := map[string]string{}
	for field, values := range form {
		if key, isMeta := strings.CutPrefix(field, name+"["); isMeta {
			found[strings.TrimSuffix(key, "]")] = cmp.Or(values...)
		}
	}
	return found
}
