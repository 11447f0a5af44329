package chat.server.accounts;

import chat.engine.ConversationId;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** The names of groups: unique, each for one conversation. Thread-safe; blocks. */
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
   * Keeps a name for a group that is about to be created. A reservation that came to nothing, since
   * its node died, is free again after a minute; the name of a group without members, to which
   * nobody can be added, at once.
   *
   * @throws ApiException {@code conflict} if the name is taken
   */
  public void reserve(String name) {
    boolean reserved =
        jdbi.inTransaction(
            handle -> insert(handle, name) || (removeEmpty(handle, name) && insert(handle, name)));
    if (!reserved) {
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

  public NamedGroup created(String name, ConversationId conversation) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "update server_group set conversation_id = :conversation where name = :name"
                        + " returning "
                        + COLUMNS)
                .bind("conversation", conversation.value())
                .bind("name", name)
                .map((row, context) -> read(row))
                .one());
  }

  public void release(String name) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "delete from server_group where name = :name and conversation_id is null")
                .bind("name", name)
                .execute());
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

  /** Turns a reservation into the group's name; the old one is free. */
  public void renamed(ConversationId conversation, String reserved) {
    jdbi.useTransaction(
        handle -> {
          handle
              .createUpdate(
                  "delete from server_group where name = :name and conversation_id is null")
              .bind("name", reserved)
              .execute();
          handle
              .createUpdate(
                  "update server_group set name = :name, updated_at = now()"
                      + " where conversation_id = :conversation")
              .bind("name", reserved)
              .bind("conversation", conversation.value())
              .execute();
        });
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
