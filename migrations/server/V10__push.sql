-- Where users are told of messages while they are away. Both tables begin empty; servers of the version before can run beside new ones.

create table server_push_device (
  push_id       bigint generated always as identity primary key,
  account_id    bigint      not null references server_account on delete cascade,
  -- as the client calls it
  device        text        not null,
  -- the device is told as long as this login lasts
  login_id      uuid        not null references server_login on delete cascade,
  kind          text        not null,
  token         text        not null,
  -- SHA-256 of kind and token: a token belongs to one user at a time
  token_hash    bytea       not null,
  hide_content  boolean     not null,
  registered_at timestamptz not null default now(),
  -- notifications in a row that could not be delivered, and until when none is tried
  failures      integer     not null default 0,
  rest_until    timestamptz
);
create unique index server_push_device_name on server_push_device (account_id, device);
create index server_push_device_token on server_push_device (token_hash);
create index server_push_device_login on server_push_device (login_id);

-- Up to which message of a conversation a device was told. Rows are kept for two days.
create table server_push_told (
  push_id         bigint      not null references server_push_device on delete cascade,
  conversation_id bigint      not null,
  seq             bigint      not null,
  told_at         timestamptz not null default now(),
  primary key (push_id, conversation_id)
);
create index server_push_told_time on server_push_told (told_at);
