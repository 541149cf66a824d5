-- Files that everybody may read who knows the id, and the password where there is one.
CREATE TABLE links (
  id text PRIMARY KEY,
  owner_id uuid NOT NULL,
  file_id uuid NOT NULL,
  path text NOT NULL,
  password jsonb,
  expires timestamptz,
  opened int NOT NULL DEFAULT 0,
  created timestamptz NOT NULL
);

CREATE INDEX links_of_owner ON links (owner_id, created DESC, id DESC);

-- What a link that was opened lets its reader do, for a while.
CREATE TABLE tickets (
  hash text PRIMARY KEY,
  link_id text NOT NULL REFERENCES links ON DELETE CASCADE,
  expires timestamptz NOT NULL
);

CREATE INDEX tickets_of_link ON tickets (link_id, expires);

-- Files that one other account may read.
CREATE TABLE grants (
  id uuid PRIMARY KEY,
  owner_id uuid NOT NULL,
  file_id uuid NOT NULL,
  reader_id uuid NOT NULL,
  created timestamptz NOT NULL,
  UNIQUE (file_id, reader_id)
);

CREATE INDEX grants_of_reader ON grants (reader_id, created DESC, id DESC);

-- One row an account. Writers wait for each other here, so that revisions appear in order.
CREATE TABLE journals (
  account_id uuid PRIMARY KEY,
  revision bigint NOT NULL
);

CREATE TABLE events (
  account_id uuid NOT NULL REFERENCES journals,
  revision bigint NOT NULL,
  at timestamptz NOT NULL,
  what jsonb NOT NULL,
  PRIMARY KEY (account_id, revision)
);
