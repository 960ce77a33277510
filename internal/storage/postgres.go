package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/pressly/goose/v3"

	"github.com/cafeforme/cafeforme/internal/storage/sqldb"
)

const (
	// maxConnections is how many connections one process holds: PostgreSQL
	// allows 100 in all by default.
	maxConnections = 16
	// maxIdleTime is how long an unused connection stays open.
	maxIdleTime = 5 * time.Minute
	// maxLifetime makes connections follow when the server's address changes.
	maxLifetime = 30 * time.Minute
	// connectTimeout is how long a connection may take to come about.
	connectTimeout = 5 * time.Second
	// applicationName is what the server's lists call us.
	applicationName = "cafeforme"
	// maxSilence is how long a connection may stay silent in the middle of a
	// statement. Longer than [statementTimeout], so that it only ends statements
	// of a server that hangs: their context alone does not reach it.
	maxSilence = 12 * time.Second
)

func openPostgres(databaseURL string) (*DB, error) {
	given, config, err := postgresConfig(databaseURL)
	if err != nil {
		return nil, err
	}
	connections, err := connectPostgres(config, maxSilence)
	if err != nil {
		return nil, err
	}
	connections.SetMaxOpenConns(maxConnections)
	connections.SetMaxIdleConns(maxConnections)
	connections.SetConnMaxIdleTime(maxIdleTime)
	connections.SetConnMaxLifetime(maxLifetime)
	d := newDB(sqldb.NewPool(sqlx.NewDb(connections, "postgres"), connections), goose.DialectPostgres, func(do func(*sql.DB) error) error {
		patient, err := connectPostgres(config, 0)
		if err != nil {
			return err
		}
		return errors.Join(do(patient), patient.Close())
	})
	d.announcer = newNotifier(d.pool, withDefaults(databaseURL, given))
	return d, nil
}

// postgresConfig reads the URL, and returns what it says and what it comes to.
// Its errors never show the URL, which holds a password.
func postgresConfig(databaseURL string) (given, config pq.Config, err error) {
	given, err = pq.NewConfig(databaseURL)
	if err != nil {
		var parsing *url.Error
		if errors.As(err, &parsing) {
			err = parsing.Err
		}
		return pq.Config{}, pq.Config{}, fmt.Errorf("read the URL of the PostgreSQL database: %w", err)
	}
	config = given
	// A statement with arguments goes out in one message and is answered in one;
	// by default the driver asks first what types they have.
	config.BinaryParameters = true
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.ApplicationName == "" {
		config.ApplicationName = applicationName
	}
	return given, config, nil
}

// connectPostgres returns a pool whose connections break when the server is
// silent for too long; zero is no limit.
func connectPostgres(config pq.Config, silence time.Duration) (*sql.DB, error) {
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL database: %w", err)
	}
	connector.Dialer(dialer{new(net.Dialer), silence})
	return sql.OpenDB(connector), nil
}

// dialer makes connections that break after a silence.
type dialer struct {
	*net.Dialer
	silence time.Duration
}

func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil || d.silence == 0 {
		return conn, err
	}
	return &impatientConn{Conn: conn, silence: d.silence}, nil
}

// DialTimeout is part of [pq.Dialer]; only DialContext is called.
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// impatientConn is a connection whose every read and write has to come to
// something within silence, unless it has a deadline: the driver sets one while
// it connects. The driver reads only while a statement is running.
type impatientConn struct {
	net.Conn
	silence     time.Duration
	hasDeadline bool
}

func (c *impatientConn) SetDeadline(t time.Time) error {
	c.hasDeadline = !t.IsZero()
	return c.Conn.SetDeadline(t)
}

func (c *impatientConn) Read(b []byte) (int, error) {
	if err := c.limit(c.SetReadDeadline); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *impatientConn) Write(b []byte) (int, error) {
	if err := c.limit(c.SetWriteDeadline); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

func (c *impatientConn) limit(set func(time.Time) error) error {
	if c.hasDeadline {
		return nil
	}
	return set(time.Now().Add(c.silence))
}
