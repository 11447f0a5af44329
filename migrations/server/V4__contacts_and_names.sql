-- Contacts that ended: other nodes stop showing the one's presence to the other when they find these rows. They are kept for a day.
create table server_contact_removal (
  account_id bigint      not null references server_account,
  friend_id  bigint      not null references server_account,
  removed_at timestamptz not null default now(),
  primary key (account_id, friend_id)
);
create index server_contact_removal_time on server_contact_removal (removed_at);

-- The name of a group is changed by its conversation.
create index server_group_conversation on server_group (conversation_id) where conversation_id is not null;
