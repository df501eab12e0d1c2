CREATE TABLE athena_schema (version INTEGER NOT NULL);

-- A message until it is done. Times are milliseconds since 1970.
CREATE TABLE athena_messages (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL,
  -- When its lease or its delay ends; 0 if it was never delivered.
  due INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0,
  deliveries INTEGER NOT NULL DEFAULT 0,
  stored_at INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX athena_due ON athena_messages (queue, due, number);

-- The ids that a queue has received, so that a message is stored once.
CREATE TABLE athena_ids (
  queue TEXT NOT NULL,
  id TEXT NOT NULL,
  stored_at INTEGER NOT NULL,
  PRIMARY KEY (queue, id)
) WITHOUT ROWID;
