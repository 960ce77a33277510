package operator

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

func TestTheLogTellsWhoChangedWhat(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	_, err := o.types(adding("mina", Attribution{Actor: "owner"}))
	require.NoError(t, err)
	for _, amount := range []int64{3000, 3500} {
		_, err := o.database.EditMenu(auditlog.WithActor(t.Context(), "mina"), store.Main, func(state catalog.State) (catalog.State, error) {
			state.Catalog = state.Catalog.WithItem(catalog.Item{
				Product: "Tea", Name: order.Names{order.Korean: "차", order.English: "Tea"},
				Price: order.Money{Amount: amount, Currency: "KRW"}, Available: true,
			})
			return state, nil
		})
		require.NoError(t, err)
	}
	require.NoError(t, o.database.Record(t.Context(), auditlog.Entry{
		At: time.Now().Add(-48 * time.Hour), Actor: "192.0.2.1", Action: auditlog.SignInFailed, Subject: "/store/login",
	}))

	printed, err := o.types(logging(LogOptions{Since: 168 * time.Hour, Limit: 200}))
	require.NoError(t, err)
	require.Regexp(t, `owner +token\.add +mina`, printed)
	require.Regexp(t, `mina +menu\.put +Tea +\{.*3000.*\} -> \{.*3500.*\}`, printed)
	require.Regexp(t, `192\.0\.2\.1 +sign_in\.failed`, printed)
	require.Less(t, strings.Index(printed, "sign_in.failed"), strings.Index(printed, "token.add"), "oldest first")

	printed, err = o.types(logging(LogOptions{Since: 24 * time.Hour, Actor: "mina", Limit: 1, JSON: true}))
	require.NoError(t, err)
	var entry map[string]any
	require.NoError(t, json.Unmarshal([]byte(printed), &entry))
	require.Equal(t, "menu.put", entry["action"])
	require.Equal(t, "mina", entry["actor"])
	require.Contains(t, entry["before"], "amount\":3000")
	require.Contains(t, entry["after"], "amount\":3500")
	require.NotEmpty(t, entry["at"])
}

func TestAnOperatorEndsABrowsersSession(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	now := time.Now()
	session, err := o.database.NewStaffSession(t.Context(), staff.Session{
		Credential: "hash-of-the-token", Name: "mina", CreatedAt: now, ExpiresAt: now.Add(time.Hour),
	}, "")
	require.NoError(t, err)
	printed, err := o.types(ListSessions)
	require.NoError(t, err)
	require.NotContains(t, printed, session)
	fields := strings.Fields(strings.Split(printed, "\n")[1])
	require.Equal(t, "mina", fields[1])

	printed, err = o.types(ending(fields[0]))
	require.NoError(t, err)
	require.Contains(t, printed, "ended")
	_, err = o.types(ending(fields[0]))
	require.ErrorContains(t, err, "see cafeforme staff sessions")
	printed, err = o.types(ListSessions)
	require.NoError(t, err)
	require.NotContains(t, printed, "mina")
}
