-- Nodes of the version before V2 cannot write to this schema: stop all of them before the first node of this version
-- starts. Explained in chat-engine/docs/schema.md.

-- The membership that a message was committed under: the rev of the last change before it. Most rows keep the default,
-- so that only messages of groups that changed are written anew.
ALTER TABLE chat_messages ADD COLUMN members_rev bigint NOT NULL DEFAULT 0;
UPDATE chat_messages m SET members_rev = change.rev
FROM (
  SELECT conversation_id, at_seq, max(rev) AS rev,
    lead(at_seq) OVER (PARTITION BY conversation_id ORDER BY at_seq) AS next_at_seq
  FROM chat_conversation_changes GROUP BY conversation_id, at_seq
) change
WHERE m.conversation_id = change.conversation_id AND m.seq > change.at_seq
  AND (change.next_at_seq IS NULL OR m.seq <= change.next_at_seq);
ALTER TABLE chat_messages ALTER COLUMN members_rev DROP DEFAULT;

-- Where a membership began: the last seq and the rev of the change that added the member; 0 for founders.
ALTER TABLE chat_members ADD COLUMN joined_seq bigint NOT NULL DEFAULT 0, ADD COLUMN joined_rev bigint NOT NULL DEFAULT 0;
UPDATE chat_members m SET joined_seq = added.at_seq, joined_rev = added.rev
FROM (
  SELECT DISTINCT ON (conversation_id, subject_id) conversation_id, subject_id, at_seq, rev
  FROM chat_conversation_changes WHERE kind = 'A' ORDER BY conversation_id, subject_id, rev DESC
) added
WHERE m.conversation_id = added.conversation_id AND m.user_id = added.subject_id;
ALTER TABLE chat_members ALTER COLUMN joined_seq DROP DEFAULT, ALTER COLUMN joined_rev DROP DEFAULT;

-- One change can be about many users: their ids, a line each.
ALTER TABLE chat_conversation_changes RENAME COLUMN subject_id TO subjects;

-- Nodes found what they missed by ids, which depended on clocks. Now they find it by transactions, see below.
DROP INDEX chat_messages_recent;
DROP INDEX chat_conversation_changes_recent;
ALTER TABLE chat_conversation_changes DROP COLUMN change_id;

-- What the transactions of the last minutes wrote. A row is about at most 100 writes, so that it is not TOASTed. Written
-- with every append, so it has no constraints that would be checked each time.
CREATE TABLE chat_commits (
  xid              xid8 NOT NULL DEFAULT pg_current_xact_id(),
  -- Messages, Changes and creations of conversations, or Receipts
  kind             char(1) NOT NULL,
  conversation_ids bigint[] NOT NULL,
  -- beside each conversation its highest new seq (M) or rev (C)
  numbers          bigint[],
  -- beside each conversation a member (R)
  user_ids         text[] COLLATE "C"
);
CREATE INDEX chat_commits_by_xid ON chat_commits (xid);

-- Once a minute, the transaction below which all had ended. When a horizon is old enough, the log below it is deleted
-- and the horizon is marked: who asks for more than is left can tell.
CREATE TABLE chat_commit_horizons (
  made_at timestamptz PRIMARY KEY,
  below   xid8 NOT NULL,
  pruned  boolean NOT NULL
);
INSERT INTO chat_commit_horizons VALUES (clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot()), true);
