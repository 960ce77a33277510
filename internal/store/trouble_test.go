package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheWorstStoresHaveTheMostOrdersInTrouble(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	slugs := func(troubles []Trouble) (slugs []string) {
		for _, trouble := range troubles {
			slugs = append(slugs, trouble.Store)
		}
		return slugs
	}
	troubles := []Trouble{
		{Store: "calm", Placed: 60},
		{Store: "later", Unanswered: 2, OldestUnanswered: at.Add(time.Minute)},
		{Store: "refusing", Lost: 2, Placed: 3},
		{Store: "sooner", Unanswered: 2, OldestUnanswered: at},
		{Store: "everything", Stuck: 1, Unanswered: 1, OldestUnanswered: at.Add(time.Hour), Lost: 1},
		{Store: "also-refusing", Lost: 2, Placed: 60},
	}
	require.Equal(t, []string{"everything", "sooner", "later", "also-refusing", "refusing"}, slugs(Worst(troubles, 10)))
	require.Equal(t, "calm", troubles[0].Store, "its argument stays as it is")

	var many []Trouble
	for i := range 2_000 {
		many = append(many, Trouble{Store: fmt.Sprintf("store-%d", i), Stuck: int64(i % 50)})
	}
	require.Len(t, Worst(many, 10), 10)
	require.Empty(t, Worst(nil, 10))
}
