package chat.server.conversations;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The names of groups: unique, each for one conversation. A name is stored in the transaction in
 * which the engine creates or renames the group, so that the two never differ. Thread-safe; blocks.
 */
public final class GroupNames {
  private static final String COLUMNS = "group_id, name, conversation_id, created_at, updated_at";

  private final Jdbi jdbi;

  public GroupNames(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /** A group as REST shows it. */
  public record NamedGroup(
      long id, String name, ConversationId conversation, Instant createdAt, Instant updatedAt) {}

  private static NamedGroup read(ResultSet row) throws SQLException {
    return new NamedGroup(
        row.getLong("group_id"),
        row.getString("name"),
        ConversationId.of(row.getLong("conversation_id")),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("updated_at", OffsetDateTime.class).toInstant());
  }

  /**
   * Creates a group under a name.
   *
   * @param creation creates the group in the transaction of the connection
   * @throws ApiException {@code conflict} if the name is taken, or if the group was there already
   */
  public NamedGroup create(String name, Function<Connection, ConversationId> creation) {
    return jdbi.inTransaction(
        handle -> {
          take(handle, name);
          ConversationId conversation = creation.apply(handle.getConnection());
          if (isNamed(handle, conversation)) {
            throw ApiException.of(ApiError.CONFLICT, "this group exists");
          }
          return handle
              .createQuery(
                  "update server_group set conversation_id = :conversation where name = :name"
                      + " returning "
                      + COLUMNS)
              .bind("conversation", conversation.value())
              .bind("name", name)
              .map((row, context) -> read(row))
              .one();
        });
  }

  private static boolean isNamed(Handle handle, ConversationId conversation) {
    return handle
        .createQuery(
            "select exists (select from server_group where conversation_id = :conversation)")
        .bind("conversation", conversation.value())
        .mapTo(boolean.class)
        .one();
  }

  /**
   * Gives a group another name; the old one is free.
   *
   * @param renaming renames the group in the transaction of the connection
   * @throws ApiException {@code conflict} if the name is taken
   */
  public void rename(ConversationId conversation, String name, Consumer<Connection> renaming) {
    jdbi.useTransaction(
        handle -> {
          take(handle, name);
          renaming.accept(handle.getConnection());
          handle
              .createUpdate(
                  "delete from server_group where name = :name and conversation_id is null")
              .bind("name", name)
              .execute();
          handle
              .createUpdate(
                  "update server_group set name = :name, updated_at = now()"
                      + " where conversation_id = :conversation")
              .bind("name", name)
              .bind("conversation", conversation.value())
              .execute();
        });
  }

  /**
   * Locks a name until the end of the transaction. The name of a group without members, to which
   * nobody can be added, is free; so is one that an older version of the server reserved more than
   * a minute ago without using it.
   *
   * @throws ApiException {@code conflict} if the name is taken
   */
  private static void take(Handle handle, String name) {
    if (!insert(handle, name) && !(removeEmpty(handle, name) && insert(handle, name))) {
      throw ApiException.of(ApiError.CONFLICT, "there is a group of this name");
    }
  }

  /** Locks the row that is in the way, if there is one. */
  private static boolean insert(Handle handle, String name) {
    return handle
            .createUpdate(
                """
                insert into server_group as g (name) values (:name)
                on conflict (name) do update set created_at = now()
                where g.conversation_id is null
                  and g.created_at < now() - interval '1 minute'""")
            .bind("name", name)
            .execute()
        > 0;
  }

  /** A statement of its own: it sees the members of whatever group the locked row names. */
  private static boolean removeEmpty(Handle handle, String name) {
    return handle
            .createUpdate(
                """
                delete from server_group g
                where g.name = :name and g.conversation_id is not null
                  and not exists (
                    select from chat_members m where m.conversation_id = g.conversation_id)""")
            .bind("name", name)
            .execute()
        > 0;
  }

  public Optional<NamedGroup> find(String name) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select "
                        + COLUMNS
                        + " from server_group where name = :name and conversation_id is not null")
                .bind("name", name)
                .map((row, context) -> read(row))
                .findOne());
  }

  /** Those of the others who are in a group with the user; who only shares a direct one is none. */
  public Set<UserId> fellowMembers(UserId user, Set<UserId> others) {
    return Set.copyOf(
        jdbi.withHandle(
            handle ->
                handle
                    // by the user's memberships, and by those of each other in the same groups
                    .createQuery(
                        """
                        select distinct other.user_id from chat_members mine
                        join server_group g on g.conversation_id = mine.conversation_id
                        join chat_members other on other.conversation_id = mine.conversation_id
                        where mine.user_id = :user and other.user_id = any(:others)
                          and other.user_id <> mine.user_id""")
                    .bind("user", user.value())
                    .bindArray("others", String.class, others.stream().map(UserId::value).toList())
                    .map((row, context) -> UserId.of(row.getString(1)))
                    .list()));
  }

  public void touch(ConversationId conversation) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "update server_group set updated_at = now()"
                        + " where conversation_id = :conversation")
                .bind("conversation", conversation.value())
                .execute());
  }
}
