package chat.engine.memory;

import chat.engine.contract.TransactionalStoreContract;
import chat.engine.spi.MessageStore;
import java.lang.reflect.Proxy;
import java.sql.Connection;

final class InMemoryTransactionTest extends TransactionalStoreContract {
  private final MessageStore shared = new InMemoryMessageStore();

  @Override
  protected MessageStore openStore() {
    return shared;
  }

  @Override
  protected Connection begin() {
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> null);
  }
}
