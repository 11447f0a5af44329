package chat.engine.application;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.EngineBuilder;
import chat.engine.spi.StoredMessage;
import chat.engine.testkit.TestChat;
import java.sql.Connection;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Transactions of the test kit do what those on PostgreSQL do. */
final class TestKitTransactionalTest extends TransactionalTests {
  private @Nullable TestChat chat;

  @Override
  ChatEngine start(Consumer<? super EngineBuilder> settings) {
    if (chat != null) {
      return chat.addNode().engine();
    }
    chat = TestChat.open(settings);
    return chat.engine();
  }

  @Override
  Connection connection() {
    return Objects.requireNonNull(chat).begin().connection();
  }

  /** The in-memory store keeps nothing of what is deleted. */
  @Override
  List<StoredMessage> kept(ConversationId conversation) {
    return List.of();
  }

  @Override
  protected void closed() {
    Objects.requireNonNull(chat).close();
  }
}
