-- +goose Up

-- Who works at the stores. stores is a JSON list of slugs; an empty one means all of them.
-- user_handle is what devices keep passkeys under: random, and made with the first one.
CREATE TABLE staff_accounts (
    name        TEXT   NOT NULL PRIMARY KEY,
    role        TEXT   NOT NULL,
    stores      TEXT   NOT NULL,
    user_handle TEXT   NOT NULL DEFAULT '',
    created_at  BIGINT NOT NULL
);

-- Whose a token is. It is empty of those that processes of the build before make while they are being
-- replaced: they know of no roles, so that such a token makes its holder an owner, unless there is an
-- account of that name (see staffstore).
ALTER TABLE staff_tokens ADD COLUMN account TEXT NOT NULL DEFAULT '';

-- Until now everybody with a token could do everything, and so they still can.
INSERT INTO staff_accounts (name, role, stores, created_at)
    SELECT name, 'owner', '[]', MIN(created_at) FROM staff_tokens GROUP BY name;
UPDATE staff_tokens SET account = name;

-- Where a browser stands, and whether it stays there: then it is a barista's, whoever has signed in.
ALTER TABLE staff_sessions ADD COLUMN store TEXT NOT NULL DEFAULT '';
ALTER TABLE staff_sessions ADD COLUMN stays BOOLEAN NOT NULL DEFAULT FALSE;

-- Public keys by which the staff signs in, beside tokens. credential_key is JSON.
CREATE TABLE staff_passkeys (
    credential_id  TEXT   NOT NULL PRIMARY KEY,
    account        TEXT   NOT NULL,
    domain         TEXT   NOT NULL,
    label          TEXT   NOT NULL,
    credential_key TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    last_used_at   BIGINT NOT NULL
);

CREATE INDEX staff_passkeys_by_account ON staff_passkeys (account, created_at);

-- What devices have been asked to sign and have not yet. A row is used once.
CREATE TABLE staff_challenges (
    challenge  TEXT   NOT NULL PRIMARY KEY,
    account    TEXT   NOT NULL,
    data       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX staff_challenges_by_expiry ON staff_challenges (expires_at);

-- How often something was taken away or changed: processes that remember whom they let in ask again when
-- it is another number. Whoever changes anything changes this row first, so that there is one at a time.
CREATE TABLE staff_changes (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL
);

INSERT INTO staff_changes (id, number) VALUES (1, 0);
