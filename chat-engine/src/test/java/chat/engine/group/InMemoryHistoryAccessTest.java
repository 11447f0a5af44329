package chat.engine.group;

final class InMemoryHistoryAccessTest extends HistoryAccessTests {}
