package chat.engine.testkit;

import chat.engine.memory.InMemoryMessageStore;

/** What the nodes share, and what PostgreSQL would be. Thread-safe. */
record SharedStore(InMemoryMessageStore messages, Locks locks, Outbox outbox) {
  SharedStore() {
    this(new InMemoryMessageStore(), new Locks(), new Outbox());
  }
}
