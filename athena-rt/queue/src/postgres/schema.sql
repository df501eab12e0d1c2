CREATE TABLE IF NOT EXISTS athena_schema (version integer NOT NULL);
INSERT INTO athena_schema (version) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM athena_schema);
CREATE TABLE IF NOT EXISTS athena_messages (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  queue text NOT NULL,
  due timestamptz NOT NULL DEFAULT '-infinity',
  failures bigint NOT NULL DEFAULT 0,
  deliveries bigint NOT NULL DEFAULT 0,
  stored_at timestamptz NOT NULL DEFAULT now(),
  headers text NOT NULL DEFAULT '{}',
  body bytea NOT NULL
);
CREATE INDEX IF NOT EXISTS athena_due ON athena_messages (queue, due, number);
CREATE TABLE IF NOT EXISTS athena_ids (
  queue text NOT NULL,
  id text NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (queue, id)
);
