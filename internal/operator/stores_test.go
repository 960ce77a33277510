package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/store"
)

const busan = `{"store":"busan","name":{"ko":"부산점","en":"Busan"},"time_zone":"Asia/Seoul","hours":{"mon":[["08:00","21:00"]]}}`

func puttingStore(in StorePut) command {
	return func(ctx context.Context, env app.Environment) error { return PutStore(ctx, env, in, Attribution{}) }
}

func listingStores(asJSON bool) command {
	return func(ctx context.Context, env app.Environment) error { return ListStores(ctx, env, asJSON) }
}

func TestAnOperatorMakesAndChangesAStore(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	file := written(t, "busan.json", busan)
	_, err := o.types(puttingStore(StorePut{File: file}))
	require.ErrorContains(t, err, "there is no store busan; make it with cafeforme stores add")
	printed, err := o.types(puttingStore(StorePut{File: file, New: true}))
	require.NoError(t, err)
	require.Equal(t, "The store busan is there. Its page is /s/busan\n", printed)
	_, err = o.types(puttingStore(StorePut{File: file, New: true}))
	require.ErrorContains(t, err, "there is a store busan already; change it with cafeforme stores set")

	shown, err := o.types(func(ctx context.Context, env app.Environment) error { return ShowStore(ctx, env, "busan") })
	require.NoError(t, err)
	var s store.Store
	require.NoError(t, json.Unmarshal([]byte(shown), &s))
	require.Equal(t, "KRW", s.Currency)
	require.Equal(t, store.PrepMinutes, s.PrepMinutes)
	_, err = o.types(puttingStore(StorePut{File: written(t, "changed.json", strings.Replace(shown, "21:00", "22:00", 1))}))
	require.NoError(t, err)
	log, err := o.types(logging(LogOptions{Since: time.Hour, Store: "busan", Limit: 10}))
	require.NoError(t, err)
	require.Regexp(t, `WHO +STORE +DID`, log)
	require.Equal(t, 2, strings.Count(log, "store.put"))
}

func TestAStoreThatIsWrongIsNotMade(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	file := written(t, "wrong.json", `{"store":"new","name":{"ko":"부산점"},"time_zone":"Mars"}`)
	var stderr bytes.Buffer
	err := PutStore(t.Context(), app.Environment{
		Environ: config.Environ{"DATABASE_URL=" + o.url, "USER=mina"}, Stdout: &bytes.Buffer{}, Stderr: &stderr,
	}, StorePut{File: file, New: true}, Attribution{})
	require.EqualError(t, err, "no store is changed: "+file+" has 3 problems")
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	require.Len(t, lines, 3)
	require.Equal(t, file+": name.en must not be empty", lines[1])
	for text, says := range map[string]string{
		`{"stor":1}`: `unknown field "stor"`, `{} {}`: "more than one store", `[]`: "cannot be read as the JSON of a store",
	} {
		_, err := o.types(puttingStore(StorePut{File: written(t, "bad.json", text), New: true}))
		require.ErrorContains(t, err, says)
	}
	for _, do := range []command{
		func(ctx context.Context, env app.Environment) error { return ShowStore(ctx, env, "jeju") },
		func(ctx context.Context, env app.Environment) error {
			return OpenStore(ctx, env, "jeju", Attribution{})
		},
	} {
		_, err := o.types(do)
		require.EqualError(t, err, `there is no store "jeju"; see cafeforme stores list`)
	}
}

func TestAnOperatorPausesAStore(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	pause := func(duration time.Duration) command {
		return func(ctx context.Context, env app.Environment) error {
			return PauseStore(ctx, env, store.Main, duration, Attribution{Actor: "mina"})
		}
	}
	printed, err := o.types(pause(0))
	require.NoError(t, err)
	require.Regexp(t, `main +Main store +paused +- +Asia/Seoul`, printed)
	printed, err = o.types(pause(15 * time.Minute))
	require.NoError(t, err)
	require.Regexp(t, `main +Main store +paused +\S+ \S+ KST +Asia/Seoul`, printed)
	var rows []listedStore
	printed, err = o.types(listingStores(true))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(printed), &rows))
	require.True(t, rows[0].Paused)
	require.WithinDuration(t, time.Now().Add(15*time.Minute), rows[0].OpensAt, time.Minute)
	_, err = o.types(pause(-1))
	require.ErrorContains(t, err, "--for is below zero")
	_, err = o.types(func(ctx context.Context, env app.Environment) error {
		return OpenStore(ctx, env, store.Main, Attribution{})
	})
	require.NoError(t, err)
	printed, err = o.types(listingStores(false))
	require.NoError(t, err)
	require.Regexp(t, `main +Main store +open +- +Asia/Seoul`, printed)
}
