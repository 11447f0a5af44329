-- Files that users have uploaded. The bytes lie in the storage under the file_id. A row is there before the bytes are and goes
-- after them, so that nothing lies in the storage that no row tells of. Servers of the version before can run beside new ones; they
-- know nothing of files, and an account that has some cannot be erased by them.
create table server_file (
  file_id        text        primary key,
  -- null once the account is being erased
  account_id     bigint      references server_account,
  name           text        not null,
  type           text        not null,
  size_bytes     bigint      not null,
  sha256         bytea       not null,
  created_at     timestamptz not null default now(),
  -- null as long as the bytes are not all in the storage
  stored_at      timestamptz,
  -- null if there is no thumbnail
  thumbnail_type text,
  -- nobody gets it any more; the bytes go next, then the row
  removed_at     timestamptz
);
create index server_file_account on server_file (account_id);
create index server_file_removed on server_file (removed_at) where removed_at is not null;
create index server_file_created on server_file (created_at) where removed_at is null;

-- The messages that a file was sent with: who may read one of them may read the file, and a file without any is removed after a day.
create table server_file_use (
  file_id         text   not null references server_file on delete cascade,
  conversation_id bigint not null,
  seq             bigint not null,
  primary key (file_id, conversation_id, seq)
);
create index server_file_use_message on server_file_use (conversation_id, seq);
