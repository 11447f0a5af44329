package chat.engine.internal;

final class InMemoryForwardTest extends ForwardTests {}
