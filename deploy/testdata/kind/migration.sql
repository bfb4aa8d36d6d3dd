-- +goose Up
CREATE TABLE toys (
    journal BYTEA  NOT NULL,
    entry   BIGINT NOT NULL,
    area    TEXT   NOT NULL,
    lent    TEXT   NOT NULL,
    PRIMARY KEY (journal, entry)
);

-- +goose Down
DROP TABLE toys;
