package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/stripetest"
	"github.com/cafeforme/cafeforme/internal/twiliotest"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/test/cafe"
	"github.com/cafeforme/cafeforme/test/fleet"
)

// proxied is the customers' address of the site: a proxy, in front of a dev.
const proxied = "https://cafe.example"

// texting is a dev whose texts go through a Twilio.
type texting struct {
	*dev
	t      *testing.T
	twilio *twiliotest.Server
}

func startTexting(t *testing.T) *texting {
	t.Helper()
	twilio := twiliotest.New(t)
	d := startDev(t, t.TempDir(), append(twilioEnviron(twilio), "CAFEFORME_STUCK_AFTER=10s")...)
	return &texting{d, t, twilio}
}

// twilioEnviron sends texts through the Twilio.
func twilioEnviron(twilio *twiliotest.Server) []string {
	return []string{
		"CAFEFORME_SMS=twilio", env("CAFEFORME_PUBLIC_URL", proxied),
		env("TWILIO_ACCOUNT_SID", twiliotest.AccountSID), env("TWILIO_AUTH_TOKEN", twiliotest.AuthToken),
		env("TWILIO_FROM", twiliotest.From), env("TWILIO_API_BASE", twilio.URL),
	}
}

// order places an order for the phone.
func (x *texting) order(phone string) cafe.Order {
	x.t.Helper()
	items := []cafe.Item{{Product: "IceAmericano", Qty: 1}}
	o, err := x.PlaceOrder(within(x.t), cafe.NewOrder{Items: items, Phone: phone, PaymentMethod: stripetest.Visa}, "")
	require.NoError(x.t, err)
	return o
}

// act has the store do something with the order.
func (x *texting) act(o cafe.Order, commands ...string) {
	x.t.Helper()
	for _, command := range commands {
		_, err := x.Act(within(x.t), o.ID, command, nil)
		require.NoError(x.t, err)
	}
}

// gets waits until the phone has had that many texts.
func (x *texting) gets(phone string, n int) []string {
	x.t.Helper()
	require.Eventually(x.t, func() bool { return len(x.twilio.Bodies(phone)) >= n }, patience, pollEvery)
	return x.twilio.Bodies(phone)
}

// callsBack has Twilio call the public address.
func (x *texting) callsBack(target string, form map[string][]string) {
	x.t.Helper()
	status, err := twiliotest.Call(within(x.t), proxied, x.Customer, target, form)
	require.NoError(x.t, err)
	require.Equal(x.t, 204, status)
}

// operator runs one of the operators' commands.
func (x *texting) operator(args ...string) (string, error) {
	x.t.Helper()
	command := exec.CommandContext(within(x.t), binary(x.t), args...)
	command.Env = append(os.Environ(), "CAFEFORME_SMS=twilio", env("TEMPORAL_ADDRESS", x.temporal),
		env("DATABASE_URL", "sqlite:"+filepath.Join(x.dataDir, "cafeforme.db")),
		env("CAFEFORME_SANDBOX", filepath.Join(x.dataDir, "sandbox.db")))
	output, err := command.CombinedOutput()
	return string(output), err
}

// shown is an order as its operators see it: as its workflow knows it.
type shown struct {
	Order order.Snapshot                 `json:"order"`
	Texts []struct{ Kind, State string } `json:"texts"`
}

func (x *texting) show(o cafe.Order) (s shown) {
	x.t.Helper()
	output, err := x.operator("orders", "show", o.ID, "--json")
	require.NoError(x.t, err, output)
	require.NoError(x.t, json.Unmarshal([]byte(output), &s))
	return s
}

// states returns what became of the order's texts.
func (x *texting) states(o cafe.Order) []string {
	x.t.Helper()
	var states []string
	for _, text := range x.show(o).Texts {
		states = append(states, text.Kind+" "+text.State)
	}
	return states
}

func TestTextsGoThroughTwilio(t *testing.T) {
	needsServers(t)
	t.Parallel()
	x := startTexting(t)
	x.aStoryArrivesOnceAndInOrder()
	x.aLostAnswerMakesNoSecondText()
	x.whoOptsOutIsLeftAlone()
	x.aWrongSetUpWaitsUntilItIsMended()
	x.aMemberGetsACode()

	output, err := x.operator("audit", "--since", "1h")
	require.NoError(t, err, output)
}

func (x *texting) aStoryArrivesOnceAndInOrder() {
	t := x.t
	t.Helper()
	const phone = "+821011110001"
	o := x.order(phone)
	x.gets(phone, 1)
	// The board can show the number before the order has heard of it.
	require.Eventually(t, func() bool { return x.show(o).Order.PickupNumber != nil }, patience, pollEvery)
	o, err := x.Order(within(t), o.ID)
	require.NoError(t, err)
	x.act(o, "accept")
	x.gets(phone, 2)
	x.act(o, "ready", "pick-up")
	texts := x.gets(phone, 4)
	require.Len(t, texts, 4)
	for i, word := range []string{"결제", "준비", "나왔어요", "맛있게"} {
		require.Contains(t, texts[i], word)
		require.True(t, strings.HasSuffix(texts[i], " "+proxied+"/o/"+o.ID), texts[i])
	}
	for _, text := range texts[1:] {
		require.True(t, strings.HasPrefix(text, *o.PickupNumber+" "), text)
	}

	first := x.twilio.Messages()[0]
	x.callsBack(first.StatusCallback, first.StatusForm("delivered", ""))
	x.callsBack(first.StatusCallback, first.StatusForm("sent", ""))
	require.Eventually(t, func() bool {
		return slices.Equal(x.states(o), []string{"paid delivered", "accepted queued", "ready queued", "picked_up queued"})
	}, patience, pollEvery)
	status, err := twiliotest.Call(within(t), "", x.Customer, "/webhooks/twilio", first.StatusForm("failed", ""))
	require.NoError(t, err)
	require.Equal(t, 403, status, "signed for another address")
}

func (x *texting) aLostAnswerMakesNoSecondText() {
	t := x.t
	t.Helper()
	const phone = "+821011110002"
	x.twilio.Fail(twiliotest.Fault{Accepts: true, Drops: true})
	o := x.order(phone)
	x.gets(phone, 1)
	_, err := x.Cancel(within(t), o.ID)
	require.NoError(t, err)
	require.Len(t, x.gets(phone, 3), 3)
	require.Eventually(t, func() bool {
		return slices.Equal(x.states(o), []string{"paid queued", "cancelled queued", "refunded queued"})
	}, patience, pollEvery)
}

func (x *texting) whoOptsOutIsLeftAlone() {
	t := x.t
	t.Helper()
	const phone = "+821011110003"
	x.callsBack(proxied+"/webhooks/twilio", twiliotest.IncomingForm(phone, "STOP", "STOP"))
	before := x.twilio.Attempts()
	o := x.order(phone)
	_, err := x.AwaitShown(within(t), o.ID, func(o cafe.Order) bool {
		return slices.ContainsFunc(o.Timeline, func(e cafe.Entry) bool {
			return e.Note == "text_failed" && strings.Contains(e.Reason, "opted out")
		})
	})
	require.NoError(t, err)
	require.Equal(t, before, x.twilio.Attempts())
	require.Equal(t, []string{"paid refused"}, x.states(o))

	x.callsBack(proxied+"/webhooks/twilio", twiliotest.IncomingForm(phone, "START", "START"))
	x.act(o, "accept")
	require.Contains(t, x.gets(phone, 1)[0], o.ID)
	require.Eventually(t, func() bool {
		return slices.Equal(x.states(o), []string{"paid refused", "accepted queued"})
	}, patience, pollEvery)
}

// aWrongSetUpWaitsUntilItIsMended: the alarm is the provider's, and makes no order stuck.
func (x *texting) aWrongSetUpWaitsUntilItIsMended() {
	t := x.t
	t.Helper()
	const phone = "+821011110004"
	wrong := twiliotest.Fault{Status: 401, Code: 20003}
	x.twilio.Fail(slices.Repeat([]twiliotest.Fault{wrong}, 1000)...)
	o := x.order(phone)
	require.Eventually(t, func() bool {
		output, err := x.operator("orders", "show", o.ID)
		return err == nil && strings.Contains(output, "TWILIO_AUTH_TOKEN")
	}, patience, pollEvery)
	output, err := x.operator("orders", "list", "--on", "sms", "--json")
	require.NoError(t, err, output)
	require.NotContains(t, output, o.ID)
	x.act(o, "accept")
	x.twilio.Mend()
	output, err = x.operator("orders", "retry", o.ID)
	require.NoError(t, err, output)
	x.gets(phone, 1)
}

func (x *texting) aMemberGetsACode() {
	t := x.t
	t.Helper()
	const phone = "+821011110005"
	x.Codes = codesFrom(x.twilio)
	member, err := x.SignUp(within(t), "Mina", phone)
	require.NoError(t, err)
	require.NoError(t, x.AskForCode(within(t), member))
	require.Contains(t, x.gets(phone, 2)[1], "인증번호")
}

// codesFrom finds the one-time codes among the texts that went through Twilio.
func codesFrom(twilio *twiliotest.Server) func(context.Context, string) (string, error) {
	return func(_ context.Context, phone string) (code string, err error) {
		for _, body := range twilio.Bodies(phone) {
			if strings.Contains(body, "인증번호") {
				code = cafe.CodeIn(body)
			}
		}
		return code, nil
	}
}

func TestTextsThroughTwilioOutliveTheDatabaseAndAWorker(t *testing.T) {
	needsServers(t)
	t.Parallel()
	twilio := twiliotest.New(t)
	// Real texts go beside real payments alone.
	stripe := stripetest.New()
	t.Cleanup(stripe.Close)
	environ := append(twilioEnviron(twilio), env("CAFEFORME_PAYMENTS", "stripe"), env("STRIPE_API_KEY", stripetest.APIKey),
		env("STRIPE_API_BASE", stripe.URL), env("STRIPE_WEBHOOK_SECRET", stripetest.WebhookSecret))
	f, err := fleet.Launch(within(t), fleet.Plan{Workers: 1, Stores: 1, APIs: 1, Environ: environ})
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	require.NoError(t, err)
	x := &texting{&dev{Cafe: f.Cafe()}, t, twilio}

	const first, second, third = "+821022220001", "+821022220002", "+821022220003"
	x.order(first)
	x.gets(first, 1)

	require.NoError(t, f.Postgres.Stop())
	o := x.order(second)
	x.act(o, "accept")
	require.Empty(t, twilio.Bodies(second), "nothing is sent that could not be remembered")
	require.NoError(t, f.Postgres.Start())
	require.Len(t, x.gets(second, 2), 2)

	twilio.Fail(twiliotest.Fault{Accepts: true, Hangs: true})
	o = x.order(third)
	x.gets(third, 1)
	require.NoError(t, f.Workers[0].Kill())
	require.NoError(t, f.Workers[0].Start(within(t)))
	x.act(o, "accept")
	texts := x.gets(third, 2)
	require.Len(t, texts, 2)
	require.NotEqual(t, texts[0], texts[1])
	require.Positive(t, twilio.Lists(), "the second worker looks for what the first has sent")
}
