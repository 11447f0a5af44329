-- What messages said before they were edited, where edit history is switched on. No row is read or written here. Nodes of the
-- version before can run beside new ones until edit history is switched on; see chat-engine/docs/schema.md.

-- At most 100 versions of a message. They leave with the text of the message: when it is deleted, when it expires, with its
-- conversation, and when its author is erased. No user is named here: the author is that of the message.
CREATE TABLE chat_message_versions (
  conversation_id bigint NOT NULL,
  seq             bigint NOT NULL,
  -- 1 for the first that was kept; without gap, but the first ones leave when there are more than 100
  version         bigint NOT NULL,
  body            text NOT NULL,
  attributes      text,
  -- when the message began to say this: when it was sent, or edited
  written_at      timestamptz NOT NULL,
  PRIMARY KEY (conversation_id, seq, version)
);
