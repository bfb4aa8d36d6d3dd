-- Whose records are to be erased when they arrive: keyed hashes, no person.

-- +goose Up

CREATE TABLE erased (
    hash    BYTEA  NOT NULL,
    area    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    request TEXT   NOT NULL,
    PRIMARY KEY (hash, area)
);

-- +goose Down

DROP TABLE erased;
