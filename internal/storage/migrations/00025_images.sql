-- +goose Up

-- Pictures by the SHA-256 of their content, which never changes.
CREATE TABLE images (
    hash       TEXT   NOT NULL PRIMARY KEY,
    media_type TEXT   NOT NULL,
    content    BYTEA  NOT NULL,
    width      BIGINT NOT NULL,
    height     BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
