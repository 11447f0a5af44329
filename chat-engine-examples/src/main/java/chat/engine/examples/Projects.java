package chat.engine.examples;

import static java.util.Objects.requireNonNull;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.DeviceId;
import chat.engine.GroupKey;
import chat.engine.Message;
import chat.engine.NewGroup;
import chat.engine.NewMessage;
import chat.engine.Role;
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * An application whose own tables say which projects there are and who works on them. Each project
 * has a group, and the engine asks for its members: in the transactions that change them, or when
 * it is told that somebody else has changed them. No user decides about them.
 */
public final class Projects {
  private final DataSource dataSource;
  private final ChatEngine engine;

  private Projects(DataSource dataSource, ChatEngine engine) {
    this.dataSource = dataSource;
    this.engine = engine;
  }

  /** Starts a PostgreSQL and plays the life of a project. */
  public static void main(String[] arguments) throws Exception {
    System.out.println("Starting PostgreSQL ...");
    try (LocalServers servers = LocalServers.start();
        ChatEngine engine =
            ChatEngine.builder()
                .store(PostgresMessageStore.open(servers.postgresUrl(), "postgres", ""))
                .membership("project:", Projects::members)
                .build()) {
      PGSimpleDataSource dataSource = new PGSimpleDataSource();
      dataSource.setUrl(servers.postgresUrl());
      dataSource.setUser("postgres");
      new Projects(dataSource, engine).play();
    }
    System.out.println("Done.");
  }

  private void play() throws SQLException, InterruptedException {
    UserId ada = UserId.of("ada");
    UserId bob = UserId.of("bob");
    CountDownLatch finished = new CountDownLatch(1);
    connect(ada, finished);
    connect(bob, finished);

    begin(7, "The bridge");
    assign(7, ada, true);
    Conversation talk = assign(7, bob, false);
    engine.asUser(bob).send(talk.id(), NewMessage.text("What shall we build it of?")).join();
    tryToRemove(ada, bob, talk);
    release(7, bob);
    engine.asUser(ada).send(talk.id(), NewMessage.text("Of stone, Bob would say.")).join();
    importFromElsewhere(7, UserId.of("eve"));
    finish(7);

    if (!finished.await(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the end of the project was not seen");
    }
  }

  // ---- what the engine asks

  // readme-begin
  private static Map<UserId, Role> members(GroupKey key, @Nullable Connection transaction)
      throws SQLException {
    String sql = "SELECT user_name, leads FROM project_members WHERE project = ?";
    try (PreparedStatement statement = requireNonNull(transaction).prepareStatement(sql)) {
      statement.setInt(1, Integer.parseInt(key.value().substring("project:".length())));
      Map<UserId, Role> members = new HashMap<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Role role = row.getBoolean("leads") ? Role.ADMIN : Role.MEMBER;
          members.put(UserId.of(row.getString("user_name")), role);
        }
      }
      return members;
    }
  }

  // readme-end

  // ---- what the application does with its rows, and with chat in the same transaction

  private void begin(int project, String name) throws SQLException {
    inTransaction(
        (connection, chat) -> {
          update(connection, "CREATE TABLE projects (id int PRIMARY KEY, name text)");
          update(
              connection,
              "CREATE TABLE project_members (project int, user_name text, leads boolean)");
          update(connection, "INSERT INTO projects VALUES (?, ?)", project, name);
          return chat.ensureGroup(key(project), NewGroup.named(name));
        });
  }

  private Conversation assign(int project, UserId user, boolean leads) throws SQLException {
    return inTransaction(
        (connection, chat) -> {
          String row = "INSERT INTO project_members VALUES (?, ?, ?)";
          update(connection, row, project, user.value(), leads);
          Conversation talk = chat.refreshMembers(key(project)).orElseThrow();
          chat.send(talk.id(), NewMessage.text(user + " works on this project now"));
          return talk;
        });
  }

  private void release(int project, UserId user) throws SQLException {
    inTransaction(
        (connection, chat) -> {
          String row = "DELETE FROM project_members WHERE project = ? AND user_name = ?";
          update(connection, row, project, user.value());
          // Nothing that is sent after the commit reaches this user, or comes from this user.
          return chat.refreshMembers(key(project)).orElseThrow();
        });
  }

  private void finish(int project) throws SQLException {
    inTransaction(
        (connection, chat) -> {
          update(connection, "DELETE FROM project_members WHERE project = ?", project);
          update(connection, "DELETE FROM projects WHERE id = ?", project);
          Conversation talk = chat.ensureGroup(key(project), NewGroup.named("finished"));
          chat.delete(talk.id());
          return talk;
        });
  }

  /** Somebody else changes the rows, and tells the application only afterwards. */
  private void importFromElsewhere(int project, UserId user) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      String row = "INSERT INTO project_members VALUES (?, ?, false)";
      update(connection, row, project, user.value());
    }
    engine.asApplication().refreshMembers(key(project)).join();
  }

  private void tryToRemove(UserId leader, UserId other, Conversation talk) {
    try {
      engine.asUser(leader).removeMembers(talk.id(), Set.of(other)).join();
    } catch (CompletionException refusal) {
      System.out.printf("  %s cannot remove %s: %s%n", leader, other, refusal.getCause());
    }
  }

  private static GroupKey key(int project) {
    return GroupKey.of("project:" + project);
  }

  // ---- plain JDBC; with a framework, take the connection of its transaction

  private interface Work<T> {
    T run(Connection connection, TransactionalChat chat) throws SQLException;
  }

  private <T> T inTransaction(Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      TransactionalChat chat = engine.transactional(connection);
      T result = work.run(connection, chat);
      connection.commit(); // the rows and the chat, or neither
      chat.publish();
      return result;
    }
  }

  private static void update(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      statement.executeUpdate();
    }
  }

  private void connect(UserId user, CountDownLatch finished) {
    ChatListener listener =
        new ChatListener() {
          @Override
          public void onMessage(ChatSession session, Message message) {
            System.out.printf("  %s reads %s: %s%n", user, message.from(), message.text());
          }

          @Override
          public void onConversation(ChatSession session, ConversationChanged changed) {
            ConversationChange change = changed.change();
            if (change != null) {
              System.out.printf(
                  "  %s sees in %s: %s %s%n",
                  user, changed.conversation().name(), change.kind(), change.subjects());
              if (change.kind() == ConversationChange.Kind.DELETED) {
                finished.countDown();
              }
            }
          }
        };
    engine.connect(user, DeviceId.of("laptop"), listener).join();
  }
}
