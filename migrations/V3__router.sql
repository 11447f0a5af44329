-- Which nodes there are, and what each of them is subscribed to: the table of PostgresRouter, unused with another router.
-- Explained in chat-engine/docs/schema.md. Unlogged: the nodes write it again after a crash or a failover, so it costs no
-- WAL, and no commit of a node waits for the disk or for a standby.

CREATE UNLOGGED TABLE chat_nodes (
  -- of one incarnation, at random
  node_id       bigint PRIMARY KEY,
  -- namespace and epoch of the store
  cluster       text NOT NULL,
  name          text NOT NULL,
  -- whether all its topics are written
  ready         boolean NOT NULL,
  joined_at     timestamptz NOT NULL,
  -- the lease: renewed every second
  beat_at       timestamptz NOT NULL,
  claimed_at    timestamptz,
  -- its listening connection, which is ended when the node is dead
  backend_pid   integer NOT NULL,
  backend_start timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE chat_node_topics (
  topic   text COLLATE "C" NOT NULL,
  node_id bigint NOT NULL,
  PRIMARY KEY (topic, node_id)
);
CREATE INDEX chat_node_topics_by_node ON chat_node_topics (node_id);
