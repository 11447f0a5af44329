package chat.engine.internal;

final class InMemoryHistoryAccessTest extends HistoryAccessTests {}
