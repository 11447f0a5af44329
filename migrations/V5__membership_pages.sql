-- The conversations of a user in order, a page at a time. Members are updated with every receipt, but neither
-- column changes then, so the updates stay HOT.
CREATE INDEX chat_members_by_user_and_conversation ON chat_members (user_id, conversation_id);
DROP INDEX chat_members_by_user;
