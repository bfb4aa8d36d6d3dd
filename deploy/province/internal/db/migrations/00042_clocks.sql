-- What the province has told kiosks of the time.

-- +goose Up

CREATE TABLE clocks (
    kiosk  TEXT   NOT NULL PRIMARY KEY,
    serial BIGINT NOT NULL,
    time   BIGINT NOT NULL
);

-- +goose Down

DROP TABLE clocks;
