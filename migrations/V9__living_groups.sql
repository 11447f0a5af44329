-- What groups are about, bans, silences and slow mode. No row is read or written here. Nodes of the version before can
-- run beside new ones until one of these is used; see chat-engine/docs/schema.md.

-- Null for none. slow_mode_seconds is the time that a plain member waits between two sends.
ALTER TABLE chat_conversations
  ADD COLUMN description text,
  ADD COLUMN avatar_url text,
  ADD COLUMN slow_mode_seconds integer CHECK (slow_mode_seconds > 0);

-- Until when a member may read and not write; null for one who never was silenced. The end needs no write.
ALTER TABLE chat_members ADD COLUMN silenced_until timestamptz;

-- Who may not become a member of a group; until_at is null for always. Bans that are over count as none, and are taken
-- out with the next one of the group.
CREATE TABLE chat_bans (
  conversation_id bigint NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  -- empty for the application
  banned_by       text COLLATE "C" NOT NULL,
  banned_at       timestamptz NOT NULL,
  until_at        timestamptz,
  PRIMARY KEY (conversation_id, user_id)
);

-- When members who have to wait sent last, in groups that are in slow mode only. Written while the counter of the
-- conversation is locked, and by nobody else: rows of chat_members are also written with receipts, by transactions that
-- lock members of several conversations.
CREATE TABLE chat_slow_mode_sends (
  conversation_id bigint NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  sent_at         timestamptz NOT NULL,
  PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 70);

-- Of an update of several fields: which ones, a letter each, and their values (name and attributes are there already).
-- until_at is the end of a ban or a silence.
ALTER TABLE chat_conversation_changes
  ADD COLUMN fields text,
  ADD COLUMN description text,
  ADD COLUMN avatar_url text,
  ADD COLUMN slow_mode_seconds integer,
  ADD COLUMN until_at timestamptz;

-- NOT VALID: all rows that are there obey the narrower check before, so none has to be read.
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_kind_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_kind_check
  CHECK (kind IN ('A', 'R', 'S', 'N', 'T', 'D', 'E', 'X', 'Z', 'U', 'B', 'F', 'Q')) NOT VALID;
