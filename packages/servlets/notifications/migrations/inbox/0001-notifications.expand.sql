-- How far the activity of each account has been followed.
CREATE TABLE positions (
  account_id uuid PRIMARY KEY,
  revision bigint NOT NULL
);

CREATE TABLE notifications (
  account_id uuid NOT NULL,
  -- The revision of the activity it tells of: what comes later has a greater one.
  id bigint NOT NULL,
  at timestamptz NOT NULL,
  kind text NOT NULL,
  text text NOT NULL,
  is_read boolean NOT NULL DEFAULT false,
  PRIMARY KEY (account_id, id)
);

CREATE INDEX unread_notifications ON notifications (account_id) WHERE NOT is_read;
