-- Unread mentions. No row is read or written here. Nodes of the version before can run beside new
-- ones; see chat-engine/docs/schema.md.

-- Which users a message mentions, but for its sender. Written and changed in the transaction of the message, and only for
-- messages that mention somebody. A count of unread mentions is a range of the key.
CREATE TABLE chat_mentions (
  conversation_id bigint NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  seq             bigint NOT NULL,
  PRIMARY KEY (conversation_id, user_id, seq)
);
