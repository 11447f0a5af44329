package chat.engine.message;

final class InMemoryForwardTest extends ForwardTests {}
