package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/sqlite/sqlitetest"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// writerDir is the variable that makes a process of these tests write into the
// files of that folder, instead of testing.
const writerDir = "CAFEFORME_TEST_WRITER"

func databaseIn(dir string) string { return "sqlite:" + filepath.Join(dir, "cafeforme.db") }

func sandboxIn(dir string) string { return filepath.Join(dir, "sandbox.db") }

// writeUntilKilled opens all files of a dev as dev does. Then, and again for each
// line of its input, it signs up a member, charges and sends a text, and says the
// member's number.
func writeUntilKilled(dir string) error {
	ctx := context.Background()
	cfg, err := config.Load(config.Environ{"DATABASE_URL=" + databaseIn(dir), "CAFEFORME_SANDBOX=" + sandboxIn(dir)}, config.Dev)
	if err != nil {
		return err
	}
	p := &Process{Config: cfg, log: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	database, err := p.migratedDatabase(ctx)
	if err != nil {
		return err
	}
	if _, err := database.Pending(ctx); err != nil { // as everybody does who looks at the schema
		return err
	}
	side, err := p.sideSystems(database)
	if err != nil {
		return err
	}
	input := bufio.NewScanner(os.Stdin)
	for i, more := 0, true; more; i, more = i+1, input.Scan() {
		number, err := writeOnce(ctx, database, side, i)
		if err != nil {
			return err
		}
		fmt.Println(number)
	}
	return input.Err()
}

// writeOnce commits a member, a charge and a text.
func writeOnce(ctx context.Context, database *storage.DB, side sideSystems, i int) (number string, err error) {
	id, phone := fmt.Sprintf("order-%d", i), fmt.Sprintf("+8210123456%02d", i)
	nonce, code, err := database.NewCode(ctx, phone, "Mina", time.Now())
	if err != nil {
		return "", err
	}
	signedIn, err := database.SignIn(ctx, member.CodeUse{Nonce: nonce, Code: code}, time.Now())
	if err != nil {
		return "", err
	}
	price := order.Money{Amount: 4000, Currency: "KRW"}
	charge := order.Charge{OrderID: id, IdempotencyKey: id, Amount: price, PaymentMethod: "pm_card_visa"}
	if _, err := side.gateways.Charge(ctx, charge); err != nil {
		return "", err
	}
	err = side.sender.Send(ctx, order.Text{OrderID: id, Kind: order.TextKind(order.Ready), To: phone, Language: order.English, Total: price})
	return signedIn.MembershipNumber, err
}

func TestWhatADevHasCommittedSurvivesAReaderOfItsFilesAndASuddenEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	self, err := os.Executable()
	require.NoError(t, err)
	dev := exec.CommandContext(t.Context(), self)
	dev.Env = append(os.Environ(), writerDir+"="+dir)
	input, err := dev.StdinPipe()
	require.NoError(t, err)
	output, err := dev.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, dev.Start())

	committed := bufio.NewScanner(output)
	require.True(t, committed.Scan())
	numbers := []string{committed.Text()}
	sqlitetest.Visit(t, filepath.Join(dir, "cafeforme.db"))
	sqlitetest.Visit(t, sandboxIn(dir))
	_, err = io.WriteString(input, "once more\n")
	require.NoError(t, err)
	require.True(t, committed.Scan())
	numbers = append(numbers, committed.Text())
	require.NoError(t, dev.Process.Kill())
	require.Error(t, dev.Wait(), "it was killed")

	database, err := storage.Open(databaseIn(dir))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	for _, number := range numbers {
		_, err := database.Member(t.Context(), number)
		require.NoError(t, err)
	}
	gateway, err := sandbox.Open(sandboxIn(dir))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, gateway.Close()) })
	charges, err := gateway.Payments(t.Context(), inspected)
	require.NoError(t, err)
	require.Len(t, charges, len(numbers))
	phone, err := outbox.Open(sandboxIn(dir), "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, phone.Close()) })
	texts, err := phone.Messages(t.Context(), inspected)
	require.NoError(t, err)
	require.Len(t, texts, len(numbers))
}
