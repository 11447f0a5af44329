package chat.engine.examples.replay;

/** What the replay needs of a message: its place, its identity, and what its sender called it. */
public record ReplayMessage(long seq, long id, String clientMessageId) {}
