-- +goose Up

-- The texts to customers that go through a provider: one row for each order and
-- kind of text. It is claimed before the provider is called, so that a text whose
-- outcome is unknown is looked for there before it is sent again. The words are
-- kept until the provider has taken the text.
CREATE TABLE texts (
    order_id    TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    words       TEXT   NOT NULL,
    segments    BIGINT NOT NULL,
    provider_id TEXT   NOT NULL,
    error_code  BIGINT NOT NULL,
    claimed_at  BIGINT NOT NULL,
    resend_at   BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (order_id, kind)
);

-- The phone numbers that get no texts. until_at is 0 for an owner who has to ask
-- for texts again.
CREATE TABLE quarantined_phones (
    phone      TEXT   NOT NULL PRIMARY KEY,
    reason     TEXT   NOT NULL,
    error_code BIGINT NOT NULL,
    opted_out  BIGINT NOT NULL,
    since      BIGINT NOT NULL,
    until_at   BIGINT NOT NULL
);
