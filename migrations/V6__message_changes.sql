-- Edits and deletions of messages. No row is read or written here. Nodes of the version before can run beside new ones
-- until a message is edited or deleted; see chat-engine/docs/schema.md.

-- rev: the number of the last change of any kind, while members_rev is that of the last change of the conversation
-- itself. What counts is greatest(rev, members_rev): rows from before, and nodes of the version before, leave rev as it
-- is.
ALTER TABLE chat_conversation_counters ADD COLUMN rev bigint NOT NULL DEFAULT 0;

-- Null in a message that is as it was sent. rev is that of the last change, which is found in the log by the key of the
-- log. There is no index here: it would have to be built from all messages, and would take the writes of every edit.
ALTER TABLE chat_messages
  ADD COLUMN rev bigint,
  ADD COLUMN edited_at timestamptz,
  -- body is empty then, and mentions and attributes are null
  ADD COLUMN deleted_at timestamptz;

-- Which message was changed. What it says is in chat_messages only, so that a deletion leaves no copy of it.
ALTER TABLE chat_conversation_changes ADD COLUMN message_seq bigint;

-- NOT VALID: all rows that are there obey the narrower check before, so none has to be read.
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_kind_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_kind_check
  CHECK (kind IN ('A', 'R', 'S', 'N', 'T', 'D', 'E', 'X')) NOT VALID;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_message_check
  CHECK ((kind IN ('E', 'X')) = (message_seq IS NOT NULL)) NOT VALID;
