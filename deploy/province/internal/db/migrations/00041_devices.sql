-- Wrong passwords are counted in the table tries, by where they come from.

-- +goose Up

CREATE TABLE devices (
    hash    BYTEA  NOT NULL PRIMARY KEY,
    account TEXT   NOT NULL,
    made    BIGINT NOT NULL
);
ALTER TABLE accounts DROP COLUMN failures;
ALTER TABLE accounts DROP COLUMN locked;

-- +goose Down

ALTER TABLE accounts ADD COLUMN locked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
DROP TABLE devices;
