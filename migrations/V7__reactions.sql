-- Reactions to messages. No row is read or written here. Nodes of the version before can run beside new ones until
-- somebody reacts; see chat-engine/docs/schema.md.

-- How many users react with which emoji, a line each ("emoji count"), those that were given first in front; null for
-- none. So a read of messages needs no other table, and one of messages without reactions is as before.
ALTER TABLE chat_messages ADD COLUMN reactions text;

-- Who reacts with what. A reaction that was taken back stays, not active, until the message is deleted: rev is that of
-- its last change, by which the entry in the log finds which emoji it is about.
CREATE TABLE chat_reactions (
  conversation_id bigint NOT NULL,
  seq             bigint NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  emoji           text COLLATE "C" NOT NULL,
  rev             bigint NOT NULL,
  active          boolean NOT NULL,
  PRIMARY KEY (conversation_id, seq, user_id, emoji)
);

-- Z: a reaction; message_seq is the message. NOT VALID: all rows that are there obey the narrower checks before.
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_kind_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_kind_check
  CHECK (kind IN ('A', 'R', 'S', 'N', 'T', 'D', 'E', 'X', 'Z')) NOT VALID;
ALTER TABLE chat_conversation_changes DROP CONSTRAINT chat_conversation_changes_message_check;
ALTER TABLE chat_conversation_changes ADD CONSTRAINT chat_conversation_changes_message_check
  CHECK ((kind IN ('E', 'X', 'Z')) = (message_seq IS NOT NULL)) NOT VALID;
