package brand_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/order"
)

func named(name string) brand.Brand {
	return brand.Brand{Name: order.Names{order.Korean: name, order.English: name}, Accent: "#ff6f61"}
}

func TestAccents(t *testing.T) {
	t.Parallel()
	require.True(t, brand.ValidAccent(brand.DefaultAccent))
	for _, bad := range []string{"", "red", "#fff", "#FF6F61", "#ff6f611", "ff6f61", "#ff6f6g", "#ff6f61\n"} {
		require.False(t, brand.ValidAccent(bad), bad)
	}
}

func TestEveryBrandHasATagOfItsOwn(t *testing.T) {
	t.Parallel()
	other := named("모퉁이 커피")
	withLogo := other
	withLogo.Logo = &brand.Logo{Image: "a", Icon: "b"}
	require.Equal(t, other.Tag(), named("모퉁이 커피").Tag())
	require.NotEqual(t, other.Tag(), withLogo.Tag())
	require.NotEqual(t, other.Tag(), brand.Default().Tag())
}

func TestOrdersKeepOnlyANameThatIsNotTheDefaultOne(t *testing.T) {
	t.Parallel()
	require.Nil(t, brand.Default().Names())
	require.Equal(t, named("Corner").Name, named("Corner").Names())
}

// source is where a cache reads from, with a clock.
type source struct {
	mu    sync.Mutex
	now   time.Time
	brand brand.Brand
	err   error
	reads int
}

func (s *source) read(context.Context) (brand.Brand, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	return s.brand, s.err
}

func (s *source) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *source) set(b brand.Brand, err error, later time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.brand, s.err, s.now = b, err, s.now.Add(later)
}

func newCache() (*source, *brand.Cache) {
	s := &source{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), brand: named("First")}
	return s, brand.NewCache(s.read, s.clock, slog.New(slog.DiscardHandler))
}

func TestAnotherBrandShowsAtOnceWithoutAReadForEveryPage(t *testing.T) {
	t.Parallel()
	s, cache := newCache()
	for range 10 {
		require.Equal(t, named("First"), cache.Brand(t.Context()))
	}
	require.Equal(t, 1, s.reads)
	s.set(named("Second"), nil, time.Second)
	require.Equal(t, named("First"), cache.Brand(t.Context()), "nobody has said so")
	cache.Expire()
	for range 10 {
		require.Equal(t, named("Second"), cache.Brand(t.Context()))
	}
	s.set(named("Third"), nil, time.Minute)
	require.Equal(t, named("Third"), cache.Brand(t.Context()), "what nobody has heard of shows after a minute")
	require.Equal(t, 3, s.reads)
}

func TestTheLastBrandIsShownWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s, cache := newCache()
	s.set(brand.Brand{}, errors.New("down"), 0)
	require.Equal(t, brand.Default(), cache.Brand(t.Context()))
	s.set(named("First"), nil, time.Hour)
	require.Equal(t, named("First"), cache.Brand(t.Context()))
	s.set(brand.Brand{}, errors.New("down"), time.Hour)
	for range 10 {
		require.Equal(t, named("First"), cache.Brand(t.Context()))
	}
	require.Equal(t, 3, s.reads, "the database is left alone for a while")
	s.set(named("Second"), nil, 2*time.Second)
	require.Equal(t, named("Second"), cache.Brand(t.Context()))
}

func TestAChangeThatIsHeardOfWhileTheBrandIsReadIsNotMissed(t *testing.T) {
	t.Parallel()
	var cache *brand.Cache
	reads := 0
	cache = brand.NewCache(func(context.Context) (brand.Brand, error) {
		reads++
		if reads == 1 {
			cache.Expire()
			return named("First"), nil
		}
		return named("Second"), nil
	}, time.Now, slog.New(slog.DiscardHandler))
	require.Equal(t, named("First"), cache.Brand(t.Context()))
	require.Equal(t, named("Second"), cache.Brand(t.Context()))
}

func TestWhoComesWhileTheBrandIsReadDoesNotWait(t *testing.T) {
	t.Parallel()
	reading, answer := make(chan struct{}), make(chan struct{})
	cache := brand.NewCache(func(context.Context) (brand.Brand, error) {
		close(reading)
		<-answer
		return named("First"), nil
	}, time.Now, slog.New(slog.DiscardHandler))
	var first sync.WaitGroup
	first.Go(func() { cache.Brand(t.Context()) })
	<-reading
	require.Equal(t, brand.Default(), cache.Brand(t.Context()))
	close(answer)
	first.Wait()
}

func TestAStoresTextsNameItWithTheBrandWhereBothFit(t *testing.T) {
	t.Parallel()
	names := brand.Default().AtStore(order.Names{order.Korean: "강남점", order.English: "The Very Long Name Of A Store"})
	require.Equal(t, order.Names{order.Korean: "카페포미 강남점", order.English: "The Very Long Name Of A Store"}, names)
}
