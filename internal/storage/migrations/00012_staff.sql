-- +goose Up

-- What the staff proves itself with, beside the tokens of the environment: the
-- SHA-256 of each token, and the name that its holder has in timelines. One
-- holder may have several tokens.
CREATE TABLE staff_tokens (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX staff_tokens_by_name ON staff_tokens (name, created_at);

-- The sessions of the staff's browsers. A session is worth what the token is
-- that it was begun with, which may be one of the environment.
CREATE TABLE staff_sessions (
    session_hash TEXT   NOT NULL PRIMARY KEY,
    token_hash   TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL
);

CREATE INDEX staff_sessions_by_token ON staff_sessions (token_hash);
CREATE INDEX staff_sessions_by_expiry ON staff_sessions (expires_at);
