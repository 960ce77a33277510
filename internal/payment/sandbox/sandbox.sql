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
-- the refund has not been made; it is that of another one where nothing was left
-- to give back.
CREATE TABLE IF NOT EXISTS sandbox_refunds (
    idempotency_key TEXT   NOT NULL PRIMARY KEY,
    order_id        TEXT   NOT NULL,
    charge_key      TEXT   NOT NULL,
    amount          BIGINT NOT NULL,
    currency        TEXT   NOT NULL,
    calls           BIGINT NOT NULL,
    reference       TEXT   NOT NULL
);

-- It kept a charge to one refund.
DROP INDEX IF EXISTS sandbox_refunds_made;

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
