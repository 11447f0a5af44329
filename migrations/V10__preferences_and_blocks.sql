-- How members see their conversations, and blocks. No row is read or written here. Nodes of the version before go on
-- working beside new ones until a user blocks another: they know nothing of blocks, and send in spite of them. They leave
-- the columns of chat_members as they are, and a read on one of them does not end a mark as unread.

ALTER TABLE chat_members
  -- counts the changes of the columns below, from 0 in each membership
  ADD COLUMN preferences_version bigint NOT NULL DEFAULT 0,
  ADD COLUMN muted_until timestamptz,
  -- archived as long as this is the last seq, so that a message takes it out of the archive without a write here
  ADD COLUMN archived_at_seq bigint,
  ADD COLUMN pinned boolean NOT NULL DEFAULT false,
  ADD COLUMN unread_from bigint;

-- Who has blocked whom.
CREATE TABLE chat_blocks (
  user_id    text COLLATE "C" NOT NULL,
  blocked_id text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
);
CREATE INDEX chat_blocks_by_blocked ON chat_blocks (blocked_id);

-- Whether one of the users of a direct conversation has blocked the other: what an append sees in the row that it locks
-- anyway. Set under the lock of the row.
ALTER TABLE chat_conversation_counters ADD COLUMN blocked boolean NOT NULL DEFAULT false;
