package twilio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	twilioclient "github.com/twilio/twilio-go/client"
	twilio "github.com/twilio/twilio-go/rest/api/v2010"

	"github.com/cafeforme/cafeforme/internal/notify/textlog"
)

const (
	// largestAnswer is how much of an answer is read: a page of messages is the
	// largest.
	largestAnswer = 4 << 20
	// searched is how many of a phone's messages are looked through, the newest.
	searched = 200
	// longestPause bounds what a Retry-After can ask for. It is as long as a workflow
	// lets itself be put off.
	longestPause = time.Hour
)

// apiCall is one call of Twilio's API. It carries the context, which twilio-go's
// methods do not take, and remembers what they do not tell.
type apiCall struct {
	ctx  context.Context //nolint:containedctx // a call lives as long as its context; twilio-go has no other way in
	base *url.URL
	next http.RoundTripper
	// reached: the request may have left for Twilio.
	reached bool
	// status is that of the answer; 0 without one.
	status int
	// retryAfter is how long Twilio asks to be left alone.
	retryAfter time.Duration
}

// RoundTrip makes the request at the configured address, within the context. It
// reads the whole answer, because twilio-go leaves the body of an error open.
func (c *apiCall) RoundTrip(r *http.Request) (*http.Response, error) {
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { c.reached = true }}
	r = r.Clone(httptrace.WithClientTrace(c.ctx, trace))
	r.URL.Scheme, r.URL.Host, r.Host = c.base.Scheme, c.base.Host, ""
	r.URL.Path = strings.TrimRight(c.base.Path, "/") + r.URL.Path
	response, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	c.status, c.retryAfter = response.StatusCode, retryAfter(response.Header.Get("Retry-After"), time.Now())
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// retryAfter reads a Retry-After, in seconds or as a date (RFC 9110, section 10.2.3):
// how long to wait from now on, and 0 when it does not say.
func retryAfter(header string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.Atoi(header); err == nil {
		wait = time.Duration(min(seconds, int(longestPause/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longestPause)
}

// call makes one call, unless Twilio wants to be left alone.
func (t *Sender) call(ctx context.Context, do func(*twilio.ApiService) error) *failedCall {
	if wait := t.pause.left(time.Now()); wait > 0 {
		return &failedCall{code: codeTooMany, status: http.StatusTooManyRequests, retryAfter: wait}
	}
	next := t.config.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	c := &apiCall{ctx: ctx, base: t.base, next: next}
	client := &twilioclient.Client{
		Credentials: twilioclient.NewCredentials(t.config.AccountSID, t.config.AuthToken),
		HTTPClient:  &http.Client{Transport: c, CheckRedirect: noRedirect},
	}
	client.SetAccountSid(t.config.AccountSID)
	err := do(twilio.NewApiService(&twilioclient.RequestHandler{Client: client}))
	if err == nil && c.status/100 == 2 {
		return nil
	}
	t.pause.ask(time.Now(), c.retryAfter)
	return failedBecause(c, err)
}

// noRedirect takes an answer as it is: a message is never posted elsewhere.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// create makes a message. Without a SID in the answer nobody knows whether there
// is one.
func (t *Sender) create(ctx context.Context, params *twilio.CreateMessageParams) (*twilio.ApiV2010Message, *failedCall) {
	var message *twilio.ApiV2010Message
	failed := t.call(ctx, func(api *twilio.ApiService) (err error) {
		message, err = api.CreateMessage(params)
		if err == nil && valueOf(message.Sid) == "" {
			err = errors.New("the answer names no message")
		}
		return err
	})
	return message, failed
}

// find looks for a claimed text in Twilio's list of the messages to its phone,
// newest first: nil when it is not there. It does not ask by date, since a message
// has no date while it is queued. The words hold the link to the order, so that
// no other message ends like them; a trial account puts its own words before
// them.
func (t *Sender) find(ctx context.Context, phone string, claim textlog.TextRecord) (*twilio.ApiV2010Message, error) {
	var page *twilio.ListMessageResponse
	failed := t.call(ctx, func(api *twilio.ApiService) (err error) {
		page, err = api.PageMessage(new(twilio.ListMessageParams).SetTo(phone).SetPageSize(searched), "", "")
		return err
	})
	if failed != nil {
		return nil, failed.toAsking()
	}
	for _, message := range page.Messages {
		if strings.HasSuffix(valueOf(message.Body), claim.Words) && strings.HasPrefix(valueOf(message.Direction), "outbound") {
			return &message, nil
		}
	}
	if len(page.Messages) == searched && createdSince(page.Messages[searched-1], claim.ClaimedAt) {
		return nil, unavailableError("the phone has had too many messages since the text was claimed to tell whether it got this one")
	}
	return nil, nil
}

// createdSince reports whether the message may have been made at that time or
// later.
func createdSince(message twilio.ApiV2010Message, at time.Time) bool {
	created, err := mail.ParseDate(valueOf(message.DateCreated))
	return err != nil || !created.Before(at.Truncate(time.Second))
}

// callPause is the time until which Twilio wants to be left alone.
type callPause struct {
	mu    sync.Mutex
	until time.Time
}

func (p *callPause) ask(now time.Time, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := now.Add(wait); wait > 0 && until.After(p.until) {
		p.until = until
	}
}

func (p *callPause) left(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until.Sub(now)
}
