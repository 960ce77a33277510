package operator

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// office is an operator's terminal beside a database.
type office struct {
	t        *testing.T
	url      string
	database *storage.DB
}

func openOffice(t *testing.T) *office {
	t.Helper()
	url := "sqlite:" + filepath.Join(t.TempDir(), "cafe.db")
	database, err := storage.Open(url)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	require.NoError(t, database.Migrate(t.Context()))
	return &office{t: t, url: url, database: database}
}

// types runs a command and returns what it prints.
func (o *office) types(do command) (string, error) {
	o.t.Helper()
	var stdout, stderr bytes.Buffer
	err := do(o.t.Context(), app.Environment{
		Environ: config.Environ{"DATABASE_URL=" + o.url}, Stdout: &stdout, Stderr: &stderr,
	})
	return stdout.String(), err
}

// holder returns whose token it is.
func (o *office) holder(token string) string {
	o.t.Helper()
	sum := sha256.Sum256([]byte(token))
	account, err := o.database.StaffAccount(o.t.Context(), hex.EncodeToString(sum[:]))
	if order.ErrorCode(err) == order.CodeUnauthorized {
		return ""
	}
	require.NoError(o.t, err)
	return account.Name
}

func TestAnOperatorChangesAToken(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add := func() string {
		printed, err := o.types(adding("mina", Attribution{}))
		require.NoError(t, err)
		return strings.TrimSpace(printed)
	}
	old, fresh := add(), add()
	require.Equal(t, "mina", o.holder(old))
	printed, err := o.types(ListStaff)
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(printed, "mina"), printed)
	require.NotContains(t, printed, old)

	printed, err = o.types(revoking("mina", true))
	require.NoError(t, err)
	require.Contains(t, printed, "Revoked 1 token of mina.")
	require.Empty(t, o.holder(old))
	require.Equal(t, "mina", o.holder(fresh))

	printed, err = o.types(revoking("mina", false))
	require.NoError(t, err)
	require.Contains(t, printed, "Revoked 1 token of mina.")
	require.Empty(t, o.holder(fresh))
	_, err = o.types(revoking("mina", false))
	require.EqualError(t, err, `nobody called "mina" has a token; see cafeforme staff list`)
}

func TestAnOperatorErasesAMemberAndTheLogTellsWho(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	nonce, code, err := o.database.NewCode(t.Context(), "+821012345678", "민지", time.Now())
	require.NoError(t, err)
	signedIn, err := o.database.SignIn(t.Context(), member.CodeUse{Nonce: nonce, Code: code}, time.Now())
	require.NoError(t, err)
	for range 2 {
		printed, err := o.types(erasing(signedIn.MembershipNumber))
		require.NoError(t, err)
		require.Contains(t, printed, "Member "+signedIn.MembershipNumber+" is erased")
	}
	printed, err := o.types(logging(LogOptions{Since: 168 * time.Hour, Limit: 200}))
	require.NoError(t, err)
	require.Regexp(t, `owner +member\.erase +`+signedIn.MembershipNumber+` +\{"erased":false\} -> \{"erased":true\}`, printed)
	require.Equal(t, order.CodeUnauthorized, order.ErrorCode(o.database.Authenticate(t.Context(), signedIn.MembershipNumber, signedIn.Token, time.Now())))
	_, err = o.types(erasing("42"))
	require.EqualError(t, err, `there never was a member "42"`)
}

func TestTheOfficeNeedsItsDatabase(t *testing.T) {
	t.Parallel()
	for url, says := range map[string]string{
		"":                               "DATABASE_URL is missing",
		"sqlite:" + t.TempDir() + "/new": "run `cafeforme migrate`",
	} {
		_, err := (&office{t: t, url: url}).types(ListStaff)
		require.ErrorContains(t, err, says)
	}
}
