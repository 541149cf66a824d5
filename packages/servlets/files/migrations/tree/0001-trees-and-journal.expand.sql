-- One row an account. Writers of an account wait for each other here, so that its revisions appear in order and its
-- quota is exact.
CREATE TABLE trees (
  account_id uuid PRIMARY KEY,
  revision bigint NOT NULL DEFAULT 0,
  used_bytes bigint NOT NULL DEFAULT 0
);

CREATE TABLE files (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES trees,
  -- In the order of bytes, whatever the language of the server.
  path text COLLATE "C" NOT NULL,
  size_bytes bigint NOT NULL,
  content_type text NOT NULL,
  etag uuid NOT NULL,
  modified timestamptz NOT NULL,
  UNIQUE (account_id, path)
);

-- What happened to a tree. Other servlets follow it.
CREATE TABLE changes (
  account_id uuid NOT NULL REFERENCES trees,
  revision bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  what jsonb NOT NULL,
  PRIMARY KEY (account_id, revision)
);

-- Bytes that no file has yet, or any more: uploads under way, and what is left of those that were cut off.
CREATE TABLE loose_bytes (
  account_id uuid NOT NULL,
  etag uuid NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, etag)
);
