-- What operators see and do: administrators, suspensions, the log of both, and who is connected where. Servers of the version
-- before can run beside new ones; they let suspended users in.
alter table server_account
  add column administrator boolean not null default false,
  add column suspended_at timestamptz,
  -- null for good
  add column suspended_until timestamptz,
  add column suspended_reason text;
-- Who was suspended of late, on whatever node.
create index server_account_suspended on server_account (suspended_at) where suspended_at is not null;
create index server_account_administrator on server_account (account_id) where administrator;
-- The list of users, by the beginning of the name.
create index server_account_listed on server_account ((lower(username) collate "C"));
create index server_group_listed on server_group ((name collate "C"));

-- Where a user is logged in. Null where it is not known.
alter table server_login
  add column created_at timestamptz,
  add column address text,
  add column user_agent text;
alter table server_login alter column created_at set default now();
create index server_login_account on server_login (account_id);

-- Every action of an operator, also those that were refused. Users are in it by the number of their account, which tells nothing
-- of them once that is erased.
create table server_audit (
  audit_id    bigint generated always as identity primary key,
  at          timestamptz not null default now(),
  -- null for the command line
  actor_id    bigint,
  -- the address of the administrator, or where the command line was
  origin      text not null,
  action      text not null,
  target_kind text,
  -- null for one that does not exist
  target_id   text,
  reason      text,
  -- begun, done, refused or failed
  outcome     text not null,
  -- the code of what was refused
  error       text
);
create index server_audit_target on server_audit (target_kind, target_id);
create index server_audit_actor on server_audit (actor_id, at) where actor_id is not null;

-- The nodes that run: each says so every second.
create table server_node (
  node        text primary key,
  started_at  timestamptz not null,
  seen_at     timestamptz not null,
  version     text        not null,
  connections integer     not null
);
-- Who is connected is known by the nodes only. A row here asks them, and each answers; both are gone a minute later.
create table server_connection_question (
  question_id uuid primary key,
  asked_at    timestamptz not null default now(),
  -- null for all users
  username    text
);
create table server_connection_answer (
  question_id uuid not null references server_connection_question on delete cascade,
  node        text not null,
  -- JSON
  connections text not null,
  primary key (question_id, node)
);
