-- The time of the newest message of each conversation, so that a sync can begin with the conversations that were active
-- last. In milliseconds since 1970, by the clock of the node that took the message in; it orders lists and nothing else.
-- Null until the first message that a node of this version stores: then the conversation counts as active when it was
-- created. No row is read or written here, and nodes of the version before can run beside new ones.
ALTER TABLE chat_conversation_counters ADD COLUMN active_at bigint;
