-- One row for every idempotency key that was ever charged or voided. The
-- outcome is empty while it is open.
CREATE TABLE IF NOT EXISTS sandbox_charges (
    idempotency_key TEXT   NOT NULL PRIMARY KEY,
    order_id        TEXT   NOT NULL,
    amount          BIGINT NOT NULL,
    currency        TEXT   NOT NULL,
    payment_method  TEXT   NOT NULL,
    calls           BIGINT NOT NULL,
    outcome         TEXT   NOT NULL,
    reference       TEXT   NOT NULL
);

-- One row for every idempotency key of a refund. The reference is empty while
-- the refund has not been made.
CREATE TABLE IF NOT EXISTS sandbox_refunds (
    idempotency_key TEXT   NOT NULL PRIMARY KEY,
    order_id        TEXT   NOT NULL,
    charge_key      TEXT   NOT NULL,
    amount          BIGINT NOT NULL,
    currency        TEXT   NOT NULL,
    calls           BIGINT NOT NULL,
    reference       TEXT   NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS sandbox_refunds_made ON sandbox_refunds (charge_key) WHERE reference <> '';

-- The ledger: one row for every real movement of money, in the order in which
-- they happened. Times are microseconds since 1970, UTC.
CREATE TABLE IF NOT EXISTS sandbox_movements (
    number   INTEGER PRIMARY KEY,
    order_id TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    amount   BIGINT NOT NULL,
    currency TEXT   NOT NULL,
    at       BIGINT NOT NULL
);
