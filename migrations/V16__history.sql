-- What members read of the time before they joined. No row is read or written here. Nodes of the version before can run
-- beside new ones until a group is set so: they show everything to everybody; see chat-engine/docs/schema.md.

-- J: members read what was sent after they joined (joined_seq of chat_members); null: everything.
ALTER TABLE chat_conversations ADD COLUMN history char(1) CHECK (history = 'J');

-- Of an update that changes it.
ALTER TABLE chat_conversation_changes ADD COLUMN history char(1);
