-- Forwarded messages. No row is read or written here, and nodes of the version before can run beside new ones: they show a
-- forwarded message as one that was not forwarded; see chat-engine/docs/schema.md.

-- Which message a message was forwarded from; both null for one that was not. There is no index: nobody asks for the
-- forwards of a message.
ALTER TABLE chat_messages
  ADD COLUMN forward_conversation_id bigint,
  ADD COLUMN forward_seq bigint;
