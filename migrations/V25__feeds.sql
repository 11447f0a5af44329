-- Durable feeds of what was committed. The tables begin empty and nothing writes to them unless a feed is opened. Nodes of the
-- version before can run beside new ones.

-- The feeds, each by its name: which node follows it, until when it may by the clock of the server, and the term, which is another with each new
-- holder and after each replay.
CREATE TABLE chat_feeds (
  feed         text COLLATE "C" PRIMARY KEY,
  holder       text NOT NULL,
  leased_until timestamptz NOT NULL,
  term         bigint NOT NULL
) WITH (fillfactor = 50);

-- Up to which message and which change of a conversation a feed has come; no row where it has not begun.
CREATE TABLE chat_feed_positions (
  conversation_id bigint NOT NULL,
  feed            text COLLATE "C" NOT NULL,
  seq             bigint NOT NULL,
  rev             bigint NOT NULL,
  PRIMARY KEY (conversation_id, feed)
) WITH (fillfactor = 50);
