package chat.engine.message.change;

final class InMemoryRetentionTest extends RetentionTests {}
