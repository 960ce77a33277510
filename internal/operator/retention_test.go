package operator

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheGuestsOfTerminatedAndUnknownOrdersAreForgottenAndThoseOfOpenOnesAreNot(t *testing.T) {
	t.Parallel()
	open, terminated := visit(t), visit(t)
	database := openOffice(t).database
	for _, g := range []*guest{open, terminated} {
		g.place()
		g.projected(order.Paid)
		stored, err := cafe.database.Order(t.Context(), g.id)
		require.NoError(t, err)
		_, err = database.Project(t.Context(), order.Projection{Snapshot: stored})
		require.NoError(t, err)
		stored.ID = "unknown-to-temporal-" + g.id
		_, err = database.Project(t.Context(), order.Projection{Snapshot: stored})
		require.NoError(t, err)
	}
	require.NoError(t, cafe.client.TerminateWorkflow(t.Context(), terminated.id, "", "by mistake"))

	told := 0
	forgotten, err := app.NewGuests(database, open.Client).ForgetGuests(t.Context(), time.Now().Add(time.Hour), func(int) { told++ })
	require.NoError(t, err)
	require.Equal(t, 3, forgotten)
	require.GreaterOrEqual(t, told, 4, "the activity is alive while Temporal is asked")
	for id, kept := range map[string]bool{open.id: true, terminated.id: false, "unknown-to-temporal-" + open.id: false} {
		stored, err := database.Order(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, kept, stored.Phone != "", id)
	}
}
