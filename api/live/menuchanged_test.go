package live

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/readmodel"
)

// What shows the menu or the brand from memory hears of every change that it may have missed.
func TestWhoKeepsTheMenuIsToldWhenItMayHaveChanged(t *testing.T) {
	t.Parallel()
	told := 0
	feed := NewFeed(FeedConfig{MenuChanged: func() { told++ }, Log: slog.New(slog.DiscardHandler)})
	for _, step := range []struct {
		change readmodel.Change
		err    error
		told   int
	}{
		{readmodel.Change{Menu: true}, nil, 1},
		{readmodel.Change{Store: "main", Number: 3}, nil, 1},
		{readmodel.Change{}, errors.New("the connection is lost"), 1},
		{readmodel.Change{}, nil, 2},
	} {
		feed.receive(step.change, step.err)
		require.Equal(t, step.told, told)
	}
}
