-- Erasing and renaming users. No row is read or written here. Nodes of the version before can run beside new ones until a
-- user is erased or renamed; see chat-engine/docs/schema.md.

-- Users who are being erased or renamed, or whose messages are being deleted, and for an hour those who were.
CREATE TABLE chat_user_replacements (
  -- SHA-256 of the user's id
  user_hash            bytea NOT NULL,
  -- Erase, Rename, Delete messages
  kind                 char(1) NOT NULL CHECK (kind IN ('E', 'R', 'D')),
  -- null when it is finished
  user_id              text COLLATE "C",
  replacement          text COLLATE "C",
  -- how far the log of changes was read
  reached_conversation bigint NOT NULL DEFAULT 0,
  reached_rev          bigint NOT NULL DEFAULT 0,
  -- a node that works on it renews this
  worked_at            timestamptz NOT NULL,
  finished_at          timestamptz,
  PRIMARY KEY (user_hash, kind),
  CHECK ((finished_at IS NULL) = (user_id IS NOT NULL))
);

-- I: one of the users of a direct conversation is another one now. Which letters there are is for the store to say.
-- NOT VALID: all rows that are there obey the narrower check before, so none has to be read.
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_kind_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_kind_check
  CHECK (kind BETWEEN 'A' AND 'Z') NOT VALID;
