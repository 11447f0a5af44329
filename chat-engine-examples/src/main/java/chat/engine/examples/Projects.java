package chat.engine.examples;

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
import chat.engine.TransactionalChat;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.examples.local.LocalServers;
import chat.engine.postgres.PostgresMessageStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * An application whose own tables say which projects there are and who works on them. Each project
 * has a group; its members follow the application's rows, in the same transactions, and no user
 * decides about them.
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
    assign(7, ada);
    Conversation talk = assign(7, bob);
    engine.asUser(bob).send(talk.id(), NewMessage.text("What shall we build it of?")).join();
    release(7, bob);
    engine.asUser(ada).send(talk.id(), NewMessage.text("Of stone, Bob would say.")).join();
    finish(7);

    if (!finished.await(10, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the end of the project was not seen");
    }
  }

  // ---- what the application does with its rows, and with chat in the same transaction

  private void begin(int project, String name) throws SQLException {
    inTransaction(
        (connection, chat) -> {
          update(connection, "CREATE TABLE projects (id int PRIMARY KEY, name text)");
          update(connection, "CREATE TABLE project_members (project int, user_name text)");
          update(connection, "INSERT INTO projects VALUES (?, ?)", project, name);
          return chat.ensureGroup(key(project), NewGroup.named(name));
        });
  }

  private Conversation assign(int project, UserId user) throws SQLException {
    return inTransaction(
        (connection, chat) -> {
          update(connection, "INSERT INTO project_members VALUES (?, ?)", project, user.value());
          Conversation talk = group(chat, project);
          chat.ensureMember(talk.id(), user);
          chat.send(talk.id(), NewMessage.text(user + " works on this project now"));
          return talk;
        });
  }

  private void release(int project, UserId user) throws SQLException {
    inTransaction(
        (connection, chat) -> {
          String row = "DELETE FROM project_members WHERE project = ? AND user_name = ?";
          update(connection, row, project, user.value());
          Conversation talk = group(chat, project);
          chat.ensureNoMember(talk.id(), user); // nothing that is sent later reaches this user
          return talk;
        });
  }

  private void finish(int project) throws SQLException {
    inTransaction(
        (connection, chat) -> {
          update(connection, "DELETE FROM project_members WHERE project = ?", project);
          update(connection, "DELETE FROM projects WHERE id = ?", project);
          Conversation talk = group(chat, project);
          chat.delete(talk.id());
          return talk;
        });
  }

  private static Conversation group(TransactionalChat chat, int project) {
    return chat.ensureGroup(key(project), NewGroup.named("Project " + project));
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
