-- Full-text search. The tables begin empty, and nodes of the version before can run beside new ones: what they store,
-- edit and delete is followed by the new ones; see chat-engine/docs/schema.md. An installation without search has
-- nothing in them.

-- What is known of a message: hashes of its words, each with the conversation and the bucket of 1,024 seqs that it is in,
-- so that the entry of a word in the index below leads to messages of one bucket of one conversation only.
-- created_at and message_id are those of the message: the order of what is found.
CREATE TABLE chat_search (
  conversation_id bigint NOT NULL,
  seq             bigint NOT NULL,
  created_at      timestamptz NOT NULL,
  message_id      bigint NOT NULL,
  terms           bigint[] NOT NULL,
  PRIMARY KEY (conversation_id, seq)
);
-- fastupdate off: a pending list would be read by every search, whoever wrote what is in it.
CREATE INDEX chat_search_terms ON chat_search USING gin (terms) WITH (fastupdate = off);

-- Which times the messages of a bucket are from.
CREATE TABLE chat_search_buckets (
  conversation_id bigint NOT NULL,
  bucket          bigint NOT NULL,
  oldest          timestamptz NOT NULL,
  newest          timestamptz NOT NULL,
  PRIMARY KEY (conversation_id, bucket)
) WITH (fillfactor = 50);

-- Up to which message and which change a conversation is indexed. A node that indexes it holds the row.
CREATE TABLE chat_search_progress (
  conversation_id bigint PRIMARY KEY,
  indexed_seq     bigint NOT NULL,
  indexed_rev     bigint NOT NULL
) WITH (fillfactor = 50);
