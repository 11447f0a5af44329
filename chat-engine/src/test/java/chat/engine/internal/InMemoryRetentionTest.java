package chat.engine.internal;

final class InMemoryRetentionTest extends RetentionTests {}
