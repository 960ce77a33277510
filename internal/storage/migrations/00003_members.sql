-- +goose Up

CREATE TABLE members (
    number     TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    phone      TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

-- What members prove themselves with: the SHA-256 of each of their tokens.
CREATE TABLE member_tokens (
    token_hash        TEXT   NOT NULL PRIMARY KEY,
    membership_number TEXT   NOT NULL REFERENCES members (number),
    created_at        BIGINT NOT NULL
);

-- The one-time codes of the last day. At most one per member is live (1): the
-- newest, until it is used.
CREATE TABLE member_codes (
    salt              TEXT   NOT NULL PRIMARY KEY,
    membership_number TEXT   NOT NULL REFERENCES members (number),
    code_hash         TEXT   NOT NULL,
    created_at        BIGINT NOT NULL,
    tries             BIGINT NOT NULL,
    live              BIGINT NOT NULL
);

CREATE INDEX member_codes_by_member ON member_codes (membership_number, created_at);
