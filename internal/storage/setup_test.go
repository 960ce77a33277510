package storage_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/pgtest"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// backends are the databases that every test runs on. Each returns the URL of a
// migrated database of its own.
var backends = []struct {
	name string
	url  func(t *testing.T) string
}{
	{"PostgreSQL", newPostgres},
	{"SQLite", func(t *testing.T) string {
		url := "sqlite:" + filepath.Join(t.TempDir(), "cafeforme.db")
		require.NoError(t, open(t, url).Migrate(t.Context()))
		return url
	}},
}

func newPostgres(t *testing.T) string {
	t.Helper()
	needsPostgres(t)
	return pgtest.NewDatabase(t)
}

// needsPostgres leaves a test out of the quick ones.
func needsPostgres(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a PostgreSQL server: not part of the quick tests")
	}
}

// onEach runs the test on each of the backends.
func onEach(t *testing.T, test func(t *testing.T, d *storage.DB)) {
	onEachURL(t, func(t *testing.T, url string) { test(t, open(t, url)) })
}

// onEachURL runs the test on each of the backends, with the URL of a migrated
// database.
func onEachURL(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	for _, backend := range backends {
		t.Run(backend.name, func(t *testing.T) {
			t.Parallel()
			test(t, backend.url(t))
		})
	}
}

// open opens a database and closes it when the test ends.
func open(t testing.TB, url string) *storage.DB {
	t.Helper()
	d, err := storage.Open(url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

// opening is when the orders of these tests are placed.
var opening = time.Date(2025, time.March, 3, 9, 0, 0, 0, time.UTC)

// minutes returns the time n minutes after the opening.
func minutes(n int) time.Time { return opening.Add(time.Duration(n) * time.Minute) }

// placed returns the snapshot of an order of two americanos, after the events.
func placed(t testing.TB, id string, at time.Time, events ...order.EventName) order.Snapshot {
	t.Helper()
	return placedBy(t, id, "", at, events...)
}

// placedBy is [placed] for a member.
func placedBy(t testing.TB, id, membershipNumber string, at time.Time, events ...order.EventName) order.Snapshot {
	t.Helper()
	o, err := order.New(order.Placement{
		ID:               id,
		Items:            []order.Line{{Product: "IceAmericano", Qty: 2, Price: order.Money{Amount: 2000, Currency: "KRW"}}},
		Phone:            "+821012345678",
		MembershipNumber: membershipNumber,
		PaymentMethod:    "pm_card_visa",
		Note:             "얼음 적게",
		Language:         order.Korean,
		Terms:            order.Terms{PointsRate: 500},
	}, at)
	require.NoError(t, err)
	for _, name := range events {
		require.NoError(t, o.Apply(order.Event{Name: name}, at))
	}
	return o.Snapshot()
}

// claim has members say that they have placed the orders with their tokens.
func claim(t *testing.T, d *storage.DB, orders ...order.Snapshot) {
	t.Helper()
	for _, o := range orders {
		require.NoError(t, d.ClaimOrder(t.Context(), o.MembershipNumber, o.ID))
	}
}

// signUp makes a member with a phone of its own.
func signUp(t *testing.T, d *storage.DB, phone string) (number, token string) {
	t.Helper()
	in := signIn(t, d, phone, time.Now())
	return in.MembershipNumber, in.Token
}

// signIn signs in with a code that the phone gets.
func signIn(t *testing.T, d *storage.DB, phone string, now time.Time) member.SignedIn {
	t.Helper()
	nonce, code, err := d.NewCode(t.Context(), phone, "민지", now)
	require.NoError(t, err)
	in, err := d.SignIn(t.Context(), member.CodeUse{Nonce: nonce, Code: code}, now)
	require.NoError(t, err)
	return in
}

// requireCode checks an error's code.
func requireCode(t *testing.T, code order.Code, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, code, order.ErrorCode(err), err.Error())
}

// requireField checks that an error blames a field.
func requireField(t *testing.T, field string, err error) {
	t.Helper()
	requireCode(t, order.CodeInvalid, err)
	var e *order.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, field, e.Field)
}

// concurrency is how many do the same at once in the tests of concurrency.
const concurrency = 50

// together calls do so many times at once, and waits for all of them.
func together(do func(i int)) {
	var start, end sync.WaitGroup
	start.Add(1)
	for i := range concurrency {
		end.Go(func() {
			start.Wait()
			do(i)
		})
	}
	start.Done()
	end.Wait()
}
