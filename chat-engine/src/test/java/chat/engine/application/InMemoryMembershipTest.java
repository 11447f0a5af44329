package chat.engine.application;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatEngine;
import chat.engine.GroupKey;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class InMemoryMembershipTest extends MembershipTests {
  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final Map<GroupKey, Map<UserId, Role>> rows = new ConcurrentHashMap<>();

  @Override
  MessageStore openStore() {
    return store;
  }

  @Override
  Connection connection() {
    return InMemoryTransactionalTest.connectionToNothing();
  }

  @Override
  Map<UserId, Role> rows(GroupKey key, @Nullable Connection transaction) {
    return rows.getOrDefault(key, Map.of());
  }

  @Override
  void write(GroupKey key, Map<UserId, Role> members, @Nullable Connection transaction) {
    rows.put(key, members);
  }

  @Test
  void aStoreWithoutTransactionsIsRefused() {
    MessageStore plain =
        (MessageStore)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {MessageStore.class, MachineIdLeaseSource.class},
                (proxy, method, arguments) -> method.invoke(store, arguments));
    assertThatThrownBy(
            () ->
                ChatEngine.builder()
                    .store(plain)
                    .membership("", (group, transaction) -> Map.of())
                    .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TransactionalStore");
  }
}
