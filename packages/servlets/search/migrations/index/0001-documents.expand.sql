-- How far the index has followed the journal of each account's files.
CREATE TABLE positions (
  account_id uuid PRIMARY KEY,
  revision bigint NOT NULL
);

CREATE TABLE documents (
  file_id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  path text NOT NULL,
  size_bytes bigint NOT NULL,
  content_type text NOT NULL,
  modified timestamptz NOT NULL,
  -- 'simple' takes words as they are: names of files are in no language.
  words tsvector NOT NULL GENERATED ALWAYS AS (
    to_tsvector('simple', translate(path, '/._-+()[]', '         '))
  ) STORED,
  -- What people who are let read one file may find it by: the folders are the owner's own business.
  words_of_name tsvector NOT NULL GENERATED ALWAYS AS (
    to_tsvector('simple', translate(regexp_replace(path, '^.*/', ''), '._-+()[]', '        '))
  ) STORED
);

CREATE INDEX documents_by_words ON documents USING gin (words);
CREATE INDEX documents_of_account ON documents (account_id);
