-- The whole schema of the chat engine. Plain PostgreSQL 15 or newer; explained in chat-engine/docs/schema.md.
-- Every unique key of a table about conversations begins with conversation_id, so that these tables can be hash
-- partitioned, or distributed by Citus, on that column without a change to the engine.
-- Ids of users and messages that clients choose are compared byte by byte: COLLATE "C".

CREATE TABLE chat_epoch (
  id    smallint PRIMARY KEY CHECK (id = 1),
  -- names the life of this database; an operator who restores a backup changes it
  epoch text NOT NULL
);
INSERT INTO chat_epoch VALUES (1, gen_random_uuid()::text);

CREATE TABLE chat_conversations (
  conversation_id bigint PRIMARY KEY,
  kind            char(1) NOT NULL CHECK (kind IN ('D', 'G')),
  name            text CHECK ((kind = 'G') = (name IS NOT NULL)),
  -- the two users of a direct conversation, in order
  peer_low        text COLLATE "C" CHECK ((kind = 'D') = (peer_low IS NOT NULL)),
  peer_high       text COLLATE "C" CHECK ((kind = 'D') = (peer_high IS NOT NULL)),
  created_at      timestamptz NOT NULL
);

-- Which conversation two users have. A table of its own, since its key cannot begin with conversation_id.
CREATE TABLE chat_direct_conversations (
  peer_low        text COLLATE "C" NOT NULL,
  peer_high       text COLLATE "C" NOT NULL,
  conversation_id bigint NOT NULL,
  PRIMARY KEY (peer_low, peer_high)
);

-- The row that a send locks: it gives the seq and serialises sends with changes of the membership. Updated with every
-- batch, so it is narrow, has no index but its key, and leaves room in its pages: updates stay within the page (HOT).
CREATE TABLE chat_conversation_counters (
  conversation_id bigint PRIMARY KEY,
  last_seq        bigint NOT NULL DEFAULT 0,
  members_rev     bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE chat_members (
  conversation_id bigint NOT NULL,
  user_id         text COLLATE "C" NOT NULL,
  role            char(1) NOT NULL CHECK (role IN ('O', 'A', 'M')),
  joined_at       timestamptz NOT NULL,
  read_seq        bigint NOT NULL,
  received_seq    bigint NOT NULL CHECK (received_seq >= read_seq),
  PRIMARY KEY (conversation_id, user_id)
) WITH (fillfactor = 70);
CREATE INDEX chat_members_by_user ON chat_members (user_id);

CREATE TABLE chat_messages (
  conversation_id   bigint NOT NULL,
  seq               bigint NOT NULL,
  message_id        bigint NOT NULL,
  content_hash      bigint NOT NULL,
  reply_to          bigint,
  created_at        timestamptz NOT NULL,
  -- empty for the system
  sender_id         text COLLATE "C" NOT NULL,
  client_message_id text COLLATE "C" NOT NULL,
  body              text NOT NULL,
  -- user ids, a line each (ids have no line feeds)
  mentions          text,
  attributes        text,
  PRIMARY KEY (conversation_id, seq)
);
-- A retry finds its first attempt here, for ever.
CREATE UNIQUE INDEX chat_messages_idempotency ON chat_messages (conversation_id, sender_id, client_message_id);
-- Ids are sorted by time and rows are appended, so a BRIN index finds what is new by looking at the newest pages only,
-- and costs an insert next to nothing.
CREATE INDEX chat_messages_recent ON chat_messages USING brin (message_id) WITH (pages_per_range = 16, autosummarize = on);

-- What happened to groups, in order; at_seq is its place among the messages.
CREATE TABLE chat_conversation_changes (
  conversation_id bigint NOT NULL,
  rev             bigint NOT NULL,
  change_id       bigint NOT NULL,
  at_seq          bigint NOT NULL,
  kind            char(1) NOT NULL CHECK (kind IN ('A', 'R', 'S', 'N')),
  actor_id        text COLLATE "C" NOT NULL,
  subject_id      text COLLATE "C",
  role            char(1),
  name            text,
  changed_at      timestamptz NOT NULL,
  PRIMARY KEY (conversation_id, rev)
);
CREATE INDEX chat_conversation_changes_recent ON chat_conversation_changes (change_id);

CREATE TABLE chat_last_seen (
  user_id      text COLLATE "C" PRIMARY KEY,
  last_seen_at timestamptz NOT NULL
) WITH (fillfactor = 70);

-- Messages that an application stored in its own transaction and that have not been published yet.
CREATE TABLE chat_outbox (
  conversation_id bigint NOT NULL,
  seq             bigint NOT NULL,
  message_id      bigint NOT NULL,
  noted_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (conversation_id, seq)
);

-- Who uses which machine id of Sonyflake. Rows are never deleted: used_time must be remembered.
CREATE TABLE chat_machine_leases (
  machine_id integer PRIMARY KEY CHECK (machine_id BETWEEN 0 AND 65535),
  token      text NOT NULL,
  owner      text NOT NULL,
  expires_at timestamptz NOT NULL,
  used_time  bigint NOT NULL
) WITH (fillfactor = 50);
