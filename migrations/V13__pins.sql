-- Pinned messages. No row is read or written here. Nodes of the version before can run beside new ones until somebody
-- pins a message; see chat-engine/docs/schema.md.

-- Which messages are pinned: at most 100 of a conversation, newest first by rev, which is that of the change.
CREATE TABLE chat_pins (
  conversation_id bigint NOT NULL,
  seq             bigint NOT NULL,
  rev             bigint NOT NULL,
  -- empty for the application
  pinned_by       text COLLATE "C" NOT NULL,
  pinned_at       timestamptz NOT NULL,
  PRIMARY KEY (conversation_id, seq)
);

-- How many rows of chat_pins a conversation has; null for none. So nobody looks for pins where there are none.
ALTER TABLE chat_conversation_counters ADD COLUMN pins integer;

-- P: pinned; V: unpinned; message_seq is the message. NOT VALID: all rows that are there obey the narrower checks before.
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_kind_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_kind_check
  CHECK (kind IN ('A', 'R', 'S', 'N', 'T', 'D', 'E', 'X', 'Z', 'U', 'B', 'F', 'Q', 'P', 'V')) NOT VALID;
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_message_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_message_check
  CHECK ((kind IN ('E', 'X', 'Z', 'P', 'V')) = (message_seq IS NOT NULL)) NOT VALID;
