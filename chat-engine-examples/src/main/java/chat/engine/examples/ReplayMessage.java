package chat.engine.examples;

/** What the replay needs of a message: its place, its identity, and what its sender called it. */
record ReplayMessage(long seq, long id, String clientMessageId) {}
