-- Files attached to messages. No row is read or written here. Nodes of the version before can run beside new ones: they show a
-- message without its attachments; see chat-engine/docs/schema.md.

-- The ids of the files in their order, a line each; null for none, and after a deletion. There is no index: nobody asks for the
-- messages of a file.
ALTER TABLE chat_messages ADD COLUMN attachments text;
