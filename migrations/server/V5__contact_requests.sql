-- Who has asked whom to become a contact, where that takes both. A request ends with the answer. Servers of the version before
-- can run beside new ones; they make two users contacts at once, whatever was asked.
create table server_contact_request (
  -- who asks
  account_id   bigint      not null references server_account,
  friend_id    bigint      not null references server_account,
  requested_at timestamptz not null default now(),
  primary key (account_id, friend_id)
);
create index server_contact_request_friend on server_contact_request (friend_id);
