-- A specimen is its tube and where it was taken: results are held for the kiosk
-- that took it. Numbers are compared as they are (tube_key); numbers that may be
-- meant for each other have one tube_loose.

-- +goose Up

UPDATE pool_steps SET tube_key = COALESCE((
    SELECT MIN(UPPER(TRIM(s.tube))) FROM specimens AS s
    WHERE s.tube_key = pool_steps.tube_key AND s.kiosk = pool_steps.kiosk), tube_key);

ALTER TABLE specimens ADD COLUMN tube_loose TEXT NOT NULL DEFAULT '';
UPDATE specimens SET tube_loose = LTRIM(tube_key, '0'), tube_key = UPPER(TRIM(tube));
CREATE INDEX specimens_loose ON specimens (tube_loose);

CREATE TABLE held_results (
    tube_key  TEXT     NOT NULL,
    kiosk     TEXT     NOT NULL,
    technique SMALLINT NOT NULL,
    area      TEXT     NOT NULL,
    tube      TEXT     NOT NULL,
    outcome   SMALLINT NOT NULL,
    before    SMALLINT NOT NULL,
    at        BIGINT   NOT NULL,
    came      BIGINT   NOT NULL,
    changed   BIGINT   NOT NULL,
    version   BIGINT   NOT NULL,
    authority SMALLINT NOT NULL,
    source    TEXT     NOT NULL,
    message   TEXT     NOT NULL,
    PRIMARY KEY (tube_key, kiosk, technique)
);

INSERT INTO held_results
SELECT UPPER(TRIM(r.tube)), s.kiosk, r.technique, s.area, s.tube, r.outcome, 0, r.at, r.came, 0, 0,
    CASE WHEN EXISTS (SELECT 1 FROM kiosks AS k WHERE k.id = r.source) THEN 1 ELSE 2 END, r.source, r.message
FROM results AS r
JOIN (SELECT tube_key, kiosk, area, MIN(tube) AS tube FROM specimens WHERE voided = 0 GROUP BY tube_key, kiosk, area) AS s
    ON s.tube_key = UPPER(TRIM(r.tube)) AND s.area = r.area;

CREATE TABLE worklist (
    id        TEXT     NOT NULL PRIMARY KEY,
    kind      TEXT     NOT NULL,
    area      TEXT     NOT NULL,
    problem   TEXT     NOT NULL,
    source    TEXT     NOT NULL,
    scope     TEXT     NOT NULL,
    authority SMALLINT NOT NULL,
    message   TEXT     NOT NULL,
    place     TEXT     NOT NULL,
    tube      TEXT     NOT NULL,
    kiosk     TEXT     NOT NULL,
    technique SMALLINT NOT NULL,
    outcome   SMALLINT NOT NULL,
    status    SMALLINT NOT NULL,
    at        BIGINT   NOT NULL,
    came      BIGINT   NOT NULL,
    code      TEXT     NOT NULL,
    read      TEXT     NOT NULL,
    proposals TEXT     NOT NULL,
    document  BYTEA,
    day       INTEGER  NOT NULL,
    body      BYTEA,
    done      TEXT     NOT NULL,
    decision  TEXT     NOT NULL
);
CREATE INDEX worklist_area ON worklist (area, done);
CREATE INDEX worklist_code ON worklist (source, code);
CREATE INDEX worklist_document ON worklist (document);

CREATE TABLE worklist_keys (
    id  TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (id, key)
);
CREATE INDEX worklist_keys_key ON worklist_keys (key);

INSERT INTO worklist
SELECT id, 'result', area, problem, source, scope,
    CASE WHEN EXISTS (SELECT 1 FROM kiosks AS k WHERE k.id = source) THEN 1 ELSE 2 END, message, '', tube, '', technique, outcome,
    0, at, came, '', '', '', NULL, 0, NULL, done, decision
FROM work;

-- What was filed for a number that is not the specimen's own is for a person to
-- look at.
INSERT INTO worklist
SELECT 'moved-' || r.tube_key || '-' || r.technique, 'result', r.area, 'unknown-tube', r.source, r.area, 2, r.message, '', r.tube, '',
    r.technique, r.outcome, 0, r.at, r.came, '', '', '', NULL, 0, NULL, '', ''
FROM results AS r
WHERE NOT EXISTS (SELECT 1 FROM held_results AS h WHERE h.tube_key = UPPER(TRIM(r.tube)) AND h.technique = r.technique AND h.area = r.area);

INSERT INTO worklist_keys SELECT id, UPPER(TRIM(tube)) FROM worklist;

DROP TABLE work;
DROP TABLE results;
ALTER TABLE held_results RENAME TO results;
CREATE INDEX results_area ON results (area, came);

CREATE TABLE deliveries (
    id   TEXT   NOT NULL PRIMARY KEY,
    came BIGINT NOT NULL
);
CREATE INDEX deliveries_came ON deliveries (came);

CREATE TABLE analyte_codes (
    source    TEXT     NOT NULL,
    code      TEXT     NOT NULL,
    kind      TEXT     NOT NULL,
    technique SMALLINT NOT NULL,
    account   TEXT     NOT NULL,
    at        BIGINT   NOT NULL,
    PRIMARY KEY (source, code)
);

CREATE TABLE column_maps (
    source   TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    header   TEXT    NOT NULL,
    columns  TEXT    NOT NULL,
    at       BIGINT  NOT NULL,
    PRIMARY KEY (source, kind, header)
);

CREATE TABLE uploads (
    id      TEXT    NOT NULL PRIMARY KEY,
    account TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    expires BIGINT  NOT NULL,
    day     INTEGER NOT NULL,
    body    BYTEA   NOT NULL
);
CREATE INDEX uploads_expires ON uploads (expires);

CREATE TABLE api_keys (
    id      TEXT   NOT NULL PRIMARY KEY,
    hash    BYTEA  NOT NULL,
    title   TEXT   NOT NULL,
    source  TEXT   NOT NULL,
    scopes  TEXT   NOT NULL,
    area    TEXT   NOT NULL,
    made    BIGINT NOT NULL,
    account TEXT   NOT NULL,
    expires BIGINT NOT NULL,
    used    BIGINT NOT NULL,
    revoked BIGINT NOT NULL
);
CREATE INDEX api_keys_area ON api_keys (area);

-- +goose Down

DROP TABLE api_keys;
DROP TABLE uploads;
DROP TABLE column_maps;
DROP TABLE analyte_codes;
DROP TABLE deliveries;

CREATE TABLE work (
    id        TEXT     NOT NULL PRIMARY KEY,
    area      TEXT     NOT NULL,
    problem   TEXT     NOT NULL,
    tube      TEXT     NOT NULL,
    tube_key  TEXT     NOT NULL,
    technique SMALLINT NOT NULL,
    outcome   SMALLINT NOT NULL,
    at        BIGINT   NOT NULL,
    came      BIGINT   NOT NULL,
    source    TEXT     NOT NULL,
    scope     TEXT     NOT NULL,
    message   TEXT     NOT NULL,
    done      TEXT     NOT NULL,
    decision  TEXT     NOT NULL
);
CREATE INDEX work_tube ON work (tube_key);
CREATE INDEX work_area ON work (area, done);
INSERT INTO work
SELECT id, area, problem, tube, REPLACE(REPLACE(REPLACE(UPPER(tube), '-', ''), '.', ''), ' ', ''), technique, outcome, at, came,
    source, scope, message, done, decision
FROM worklist WHERE kind = 'result';
DROP TABLE worklist_keys;
DROP TABLE worklist;

CREATE TABLE loose_results (
    tube_key  TEXT     NOT NULL,
    technique SMALLINT NOT NULL,
    area      TEXT     NOT NULL,
    tube      TEXT     NOT NULL,
    outcome   SMALLINT NOT NULL,
    at        BIGINT   NOT NULL,
    came      BIGINT   NOT NULL,
    source    TEXT     NOT NULL,
    message   TEXT     NOT NULL,
    PRIMARY KEY (tube_key, technique)
);
INSERT INTO loose_results
SELECT REPLACE(REPLACE(REPLACE(tube_key, '-', ''), '.', ''), ' ', ''), technique, MIN(area), MIN(tube), MIN(outcome), MIN(at), MIN(came),
    MIN(source), MIN(message)
FROM results WHERE outcome > 0 GROUP BY 1, 2;
DROP TABLE results;
ALTER TABLE loose_results RENAME TO results;
CREATE INDEX results_area ON results (area, came);

DROP INDEX specimens_loose;
ALTER TABLE specimens DROP COLUMN tube_loose;
UPDATE specimens SET tube_key = REPLACE(REPLACE(REPLACE(tube_key, '-', ''), '.', ''), ' ', '');
UPDATE pool_steps SET tube_key = REPLACE(REPLACE(REPLACE(tube_key, '-', ''), '.', ''), ' ', '');
