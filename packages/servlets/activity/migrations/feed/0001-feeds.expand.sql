-- How far the journals of other servlets have been followed for each account.
CREATE TABLE positions (
  account_id uuid NOT NULL,
  source text NOT NULL,
  revision bigint NOT NULL,
  PRIMARY KEY (account_id, source)
);

-- One row an account: the revision of its newest item. Items are themselves a journal that others follow.
CREATE TABLE feeds (
  account_id uuid PRIMARY KEY,
  revision bigint NOT NULL
);

CREATE TABLE items (
  account_id uuid NOT NULL REFERENCES feeds,
  revision bigint NOT NULL,
  at timestamptz NOT NULL,
  what jsonb NOT NULL,
  PRIMARY KEY (account_id, revision)
);

CREATE INDEX items_by_time ON items (account_id, at DESC, revision DESC);
