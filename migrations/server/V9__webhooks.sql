-- Addresses that post into a conversation. Only the SHA-256 of the secret in the address is kept. The sender is a user without a way in.
create table server_incoming_webhook (
  webhook_id      bigint generated always as identity primary key,
  secret_hash     bytea       not null,
  conversation_id bigint      not null,
  sender          text        not null,
  name            text        not null,
  created_by      text        not null,
  created_at      timestamptz not null default now()
);
create unique index server_incoming_webhook_secret on server_incoming_webhook (secret_hash);
create index server_incoming_webhook_conversation on server_incoming_webhook (conversation_id);

-- What an integration has given up: the place of the entry, never what it says.
create table server_dead_letter (
  letter_id       bigint generated always as identity primary key,
  integration     text        not null,
  entry           text        not null,
  conversation_id bigint      not null,
  reason          text        not null,
  attempts        integer     not null,
  failed_at       timestamptz not null default now(),
  unique (integration, entry)
);
