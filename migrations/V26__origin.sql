-- For which database, and for which table in it, the epoch was made: a copy of them tells that it is one, and gets another epoch
-- before its first node is linked to others. Filled in when a node starts. Nodes of the version before can run beside new ones.

ALTER TABLE chat_epoch
  ADD COLUMN system_identifier bigint, -- of the server; null where it may not be asked for
  ADD COLUMN database_oid bigint,
  ADD COLUMN table_oid bigint;
