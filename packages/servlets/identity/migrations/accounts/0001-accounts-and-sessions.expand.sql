CREATE TABLE accounts (
  id uuid PRIMARY KEY,
  -- Lower case already: the contract sees to it.
  email text NOT NULL UNIQUE,
  name text NOT NULL,
  password jsonb NOT NULL,
  created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sessions (
  token_hash text PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
  expires timestamptz NOT NULL
);

CREATE INDEX sessions_of_account ON sessions (account_id, expires);
