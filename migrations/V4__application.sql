-- Groups under keys of the application, attributes, and deletion. Nodes of the version before can run beside new ones
-- until attributes are set or a conversation is deleted; see chat-engine/docs/schema.md.

ALTER TABLE chat_conversations ADD COLUMN attributes text;
ALTER TABLE chat_conversation_changes ADD COLUMN attributes text;

-- NOT VALID: all rows that are there obey the narrower check before, so none has to be read.
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_kind_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_kind_check
  CHECK (kind IN ('A', 'R', 'S', 'N', 'T', 'D')) NOT VALID;

-- Which group has a key. A table of its own, since its key cannot begin with conversation_id.
CREATE TABLE chat_conversation_keys (
  -- whose key it is: a user's, or empty for the application
  scope           text COLLATE "C" NOT NULL,
  key             text COLLATE "C" NOT NULL,
  conversation_id bigint NOT NULL,
  PRIMARY KEY (scope, key)
);
CREATE INDEX chat_conversation_keys_by_conversation ON chat_conversation_keys (conversation_id);

-- Deleted conversations whose messages have not all been taken out yet; nearly always empty.
CREATE TABLE chat_deleted_conversations (
  conversation_id bigint PRIMARY KEY,
  deleted_at      timestamptz NOT NULL
);
