-- How long messages are kept. No row that is there is read or written. Nodes of the version before can run beside new ones until a
-- retention is set; see chat-engine/docs/schema.md.

-- Messages below it have expired and are gone; those from it up to last_seq are there.
ALTER TABLE chat_conversation_counters ADD COLUMN first_seq bigint NOT NULL DEFAULT 1;

-- How long messages of this conversation are kept; null for the time that the engine is set to.
ALTER TABLE chat_conversations ADD COLUMN retention_seconds bigint;
CREATE INDEX chat_conversations_retention ON chat_conversations (conversation_id) WHERE retention_seconds IS NOT NULL;

-- C: messages have expired (cut), and first_seq is the first that has not; K: retention_seconds was set (keep).
ALTER TABLE chat_conversation_changes ADD COLUMN first_seq bigint;
ALTER TABLE chat_conversation_changes ADD COLUMN retention_seconds bigint;
-- NOT VALID: all rows that are there obey the narrower check before.
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_kind_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_kind_check
  CHECK (kind IN ('A', 'R', 'S', 'N', 'T', 'D', 'E', 'X', 'Z', 'U', 'B', 'F', 'Q', 'P', 'V', 'C', 'K')) NOT VALID;

-- Which node goes through the conversations, until when it may, when that began, and behind which conversation it goes on:
-- 0 at the beginning, null between two rounds. One row.
CREATE TABLE chat_retention_round (
  id                 integer PRIMARY KEY CHECK (id = 1),
  holder             text NOT NULL,
  leased_until       timestamptz NOT NULL,
  begun_at           timestamptz NOT NULL,
  after_conversation bigint
);
INSERT INTO chat_retention_round VALUES (1, '', '-infinity', '-infinity', NULL);
