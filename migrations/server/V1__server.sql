-- Accounts and what belongs to them: the standalone server's tables, beside the engine's.
-- The engine knows an account by its username only.

create table server_account (
  account_id    bigint generated always as identity primary key,
  username      text        not null,
  email         text        not null,
  password_hash text        not null,
  created_at    timestamptz not null default now()
);
-- Two names that differ in case only would be taken for each other by people.
create unique index server_account_username on server_account (lower(username));
create unique index server_account_email on server_account (lower(email));

-- A login. Tokens are random; only their SHA-256 is kept.
create table server_login (
  login_id              uuid primary key,
  account_id            bigint      not null references server_account,
  refresh_hash          bytea       not null,
  previous_refresh_hash bytea,
  rotated_at            timestamptz not null default now(),
  expires_at            timestamptz not null,
  revoked_at            timestamptz
);
create unique index server_login_refresh on server_login (refresh_hash);
create unique index server_login_previous on server_login (previous_refresh_hash);
create index server_login_revoked on server_login (revoked_at) where revoked_at is not null;

-- One WebSocket connection each.
create table server_ticket (
  ticket_hash bytea primary key,
  login_id    uuid        not null references server_login,
  expires_at  timestamptz not null
);
create index server_ticket_expires on server_ticket (expires_at);

-- Both directions of a contact are rows, written together.
create table server_contact (
  account_id bigint      not null references server_account,
  friend_id  bigint      not null references server_account,
  since      timestamptz not null default now(),
  primary key (account_id, friend_id)
);

-- Names of groups are unique here; the engine knows groups by their conversation id.
-- A row without one is a name reserved by a creation under way.
create table server_group (
  group_id        bigint generated always as identity primary key,
  name            text        not null,
  conversation_id bigint,
  created_at      timestamptz not null default now(),
  updated_at      timestamptz not null default now()
);
create unique index server_group_name on server_group (name);

-- Secrets that all nodes share, made by the first one.
create table server_secret (
  name  text primary key,
  value bytea not null
);
