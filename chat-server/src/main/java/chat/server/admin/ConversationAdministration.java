package chat.server.admin;

import chat.engine.ChatApplication;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.WireJson;
import chat.server.conversations.Conversations;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Conversations as operators see them: lists of groups, members, messages, how long these are kept,
 * and the end of any of them. Thread-safe; blocks.
 */
final class ConversationAdministration {
  private static final String LAST = Character.toString(Character.MAX_CODE_POINT);

  private final Jdbi jdbi;
  private final Supplier<ChatApplication> chat;
  private final GeneralRetention general;

  ConversationAdministration(Jdbi jdbi, Supplier<ChatApplication> chat, GeneralRetention general) {
    this.jdbi = jdbi;
    this.chat = chat;
    this.general = general;
  }

  static String kind(ResultSet row) throws SQLException {
    return row.getString("kind").equals("G") ? "group" : "direct";
  }

  static String role(ResultSet row) throws SQLException {
    return switch (row.getString("role")) {
      case "O" -> "owner";
      case "A" -> "admin";
      default -> "member";
    };
  }

  /** Groups in the order of their names. */
  ObjectNode groups(String prefix, String after, int limit) {
    List<ObjectNode> groups =
        jdbi.withHandle(
            handle ->
                handle
                    // a range of the index on the name
                    .createQuery(
                        """
                        select g.group_id, g.name, g.conversation_id, g.created_at, k.last_seq,
                               (select count(*) from chat_members m
                                where m.conversation_id = g.conversation_id) as members
                        from server_group g
                        join chat_conversation_counters k on k.conversation_id = g.conversation_id
                        where g.name collate "C" >= :from and g.name collate "C" < :end
                          and g.name collate "C" > :after
                        order by g.name collate "C" limit :limit""")
                    .bind("from", prefix)
                    .bind("end", prefix + LAST)
                    .bind("after", after)
                    .bind("limit", limit + 1)
                    .map(
                        (row, context) ->
                            JsonObjects.object()
                                .put("id", row.getString("group_id"))
                                .put("name", row.getString("name"))
                                .put("conversation_id", row.getString("conversation_id"))
                                .put("created_at", UserAdministration.time(row, "created_at"))
                                .put("members", row.getLong("members"))
                                .put("last_seq", row.getLong("last_seq")))
                    .list());
    ObjectNode reply = JsonObjects.object();
    ArrayNode array = reply.putArray("groups");
    groups.stream().limit(limit).forEach(array::add);
    return reply.put("has_more", groups.size() > limit);
  }

  /**
   * A conversation with a page of its members.
   *
   * @param after the last member of the page before; empty for the first page
   */
  ObjectNode show(ConversationId id, String after, int limit) {
    ObjectNode conversation =
        jdbi.withHandle(
                handle ->
                    handle
                        .createQuery(
                            """
                            select c.conversation_id, c.kind, c.name, c.created_at,
                                   c.retention_seconds, k.last_seq, k.first_seq,
                                   (select count(*) from chat_members m
                                    where m.conversation_id = c.conversation_id) as member_count
                            from chat_conversations c
                            join chat_conversation_counters k using (conversation_id)
                            where c.conversation_id = :id""")
                        .bind("id", id.value())
                        .map((row, context) -> conversation(row))
                        .findOne())
            .orElseThrow(ConversationAdministration::none);
    List<ObjectNode> members =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select user_id, role, joined_at from chat_members
                        where conversation_id = :id and user_id > :after
                        order by user_id limit :limit""")
                    .bind("id", id.value())
                    .bind("after", after)
                    .bind("limit", limit + 1)
                    .map(
                        (row, context) ->
                            JsonObjects.object()
                                .put("username", row.getString("user_id"))
                                .put("role", role(row))
                                .put("joined_at", UserAdministration.time(row, "joined_at")))
                    .list());
    ArrayNode array = conversation.putArray("members");
    members.stream().limit(limit).forEach(array::add);
    return conversation.put("has_more", members.size() > limit);
  }

  private static ObjectNode conversation(ResultSet row) throws SQLException {
    return JsonObjects.object()
        .put("conversation_id", row.getString("conversation_id"))
        .put("kind", kind(row))
        .put("name", row.getString("name"))
        .put("created_at", UserAdministration.time(row, "created_at"))
        .put("first_seq", row.getLong("first_seq"))
        .put("last_seq", row.getLong("last_seq"))
        .put("retention_days", days(row))
        .put("member_count", row.getLong("member_count"));
  }

  private static @Nullable Double days(ResultSet row) throws SQLException {
    long seconds = row.getLong("retention_seconds");
    return row.wasNull() ? null : seconds / (double) Duration.ofDays(1).toSeconds();
  }

  private static ApiException none() {
    return ApiException.of(ApiError.NOT_FOUND, "there is no such conversation");
  }

  /** Deletes it with its messages; the name of a group is free then. */
  void delete(ConversationId id) {
    Conversations.await(chat.get().conversation(id)); // not_found
    Conversations.await(chat.get().delete(id));
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate("delete from server_group where conversation_id = :id")
                .bind("id", id.value())
                .execute());
  }

  ObjectNode messages(ConversationId id, HistoryQuery query) {
    return WireJson.page(Conversations.await(chat.get().history(id, query)));
  }

  void deleteMessage(ConversationId id, long seq) {
    Conversations.await(chat.get().deleteMessage(id, seq));
  }

  /** For how long messages are kept, in general and in a conversation. */
  ObjectNode retention(ConversationId id) {
    ObjectNode reply = JsonObjects.object().put("general_days", general.days());
    reply
        .put("conversation_id", id.toString())
        .set("conversation_days", show(id, "", 1).get("retention_days"));
    return reply;
  }

  /**
   * @param days null for the general retention
   */
  void setRetention(ConversationId id, @Nullable Long days) {
    if (days != null && (days < 1 || days > Duration.ofSeconds(Long.MAX_VALUE).toDays())) {
      throw ApiException.badRequest("days must be at least 1");
    }
    Conversations.await(chat.get().setRetention(id, days == null ? null : Duration.ofDays(days)));
  }
}
