package chat.server.webhooks;

import static chat.server.conversations.Conversations.await;

import chat.engine.ChatEngine;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.NewMessage;
import chat.engine.ProfileUpdate;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.accounts.BotAccounts;
import chat.server.accounts.login.Secrets;
import chat.server.guard.WebhookLimits;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.node.ObjectNode;

/**
 * Addresses with a secret in them, each of which posts into one group as a sender of its own. The
 * sender is a member like others, called {@code hook-...}, with the name of the webhook as its
 * display name; removing it from the group ends the webhook. Thread-safe; blocks.
 */
public final class IncomingWebhooks {
  private static final int MOST_PER_GROUP = 20;
  private static final int NAME_LENGTH = 12;

  private final Jdbi jdbi;
  private final ChatEngine engine;
  private final WebhookLimits limits;
  private final BotAccounts accounts;
  private final Secrets secrets = new Secrets();

  /**
   * @param sender the username
   * @param name shown for it
   */
  public record Webhook(
      long id,
      ConversationId conversation,
      String sender,
      String name,
      String createdBy,
      Instant createdAt) {

    /** As admins of the group see it: without its secret. */
    ObjectNode json() {
      return JsonObjects.object()
          .put("id", Long.toString(id))
          .put("conversation_id", conversation.toString())
          .put("username", sender)
          .put("name", name)
          .put("created_by", createdBy)
          .put("created_at", JsonObjects.time(createdAt));
    }
  }

  /** With the secret, which nobody is told again. */
  public record Created(Webhook webhook, String secret) {}

  public IncomingWebhooks(Jdbi jdbi, ChatEngine engine, WebhookLimits limits) {
    this.jdbi = jdbi;
    this.engine = engine;
    this.limits = limits;
    this.accounts = new BotAccounts(jdbi);
  }

  /**
   * @param address from which it is made
   * @throws ApiException {@code not_found} for a group of which the caller is no member, {@code
   *     forbidden} for a plain member, {@code bad_request} for a name that cannot be shown, {@code
   *     conflict} if the group has twenty, {@code rate_limited} if the caller makes too many
   */
  public Created create(Account caller, ConversationId group, String name, String address) {
    requireAdmin(caller, group);
    ProfileUpdate profile = ProfileUpdate.NOTHING.withDisplayName(name);
    return limits.made(caller.id(), address, () -> make(caller, group, name, profile));
  }

  private Created make(Account caller, ConversationId group, String name, ProfileUpdate profile) {
    String random = UUID.randomUUID().toString().replace("-", "").toLowerCase(Locale.ROOT);
    String sender = "hook-" + random.substring(0, NAME_LENGTH);
    String secret = secrets.token();
    Webhook webhook = note(caller, group, sender, name, secret);
    try {
      UserId user = UserId.of(accounts.ensure(sender));
      await(engine.asUser(user).updateProfile(profile));
      await(engine.asApplication().ensureMember(group, user));
    } catch (RuntimeException fault) {
      forget(webhook.id());
      throw fault;
    }
    return new Created(webhook, secret);
  }

  /** One at a time for each group, so that no group gets more than it may have. */
  private Webhook note(
      Account caller, ConversationId group, String sender, String name, String secret) {
    return jdbi.inTransaction(
        handle -> {
          handle
              .createQuery(
                  "select pg_advisory_xact_lock(hashtextextended('webhooks ' || :group, 0))")
              .bind("group", group.toString())
              .mapTo(String.class)
              .one();
          if (of(handle, group).size() >= MOST_PER_GROUP) {
            throw ApiException.of(
                ApiError.CONFLICT, "a group can have " + MOST_PER_GROUP + " webhooks at most");
          }
          return handle
              .createQuery(
                  """
                  insert into server_incoming_webhook
                  (secret_hash, conversation_id, sender, name, created_by)
                  values (:hash, :group, :sender, :name, :by) returning *""")
              .bind("hash", Secrets.hash(secret))
              .bind("group", group.value())
              .bind("sender", sender)
              .bind("name", name)
              .bind("by", caller.username())
              .map((row, context) -> read(row))
              .one();
        });
  }

  private void forget(long id) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate("delete from server_incoming_webhook where webhook_id = :id")
                .bind("id", id)
                .execute());
  }

  private static Webhook read(ResultSet row) throws SQLException {
    return new Webhook(
        row.getLong("webhook_id"),
        ConversationId.of(row.getLong("conversation_id")),
        row.getString("sender"),
        row.getString("name"),
        row.getString("created_by"),
        row.getTimestamp("created_at").toInstant());
  }

  private void requireAdmin(Account caller, ConversationId group) {
    Role role = await(engine.asUser(caller.userId()).inbox(group)).role();
    Conversation conversation = await(engine.asApplication().conversation(group));
    if (conversation.kind() != ConversationKind.GROUP) {
      throw ApiException.badRequest("a webhook posts into a group");
    }
    if (role == Role.MEMBER) {
      throw ApiException.of(ApiError.FORBIDDEN, "webhooks are for the owner and admins of a group");
    }
  }

  /** Those of a group, for its owner and admins. */
  public List<Webhook> list(Account caller, ConversationId group) {
    requireAdmin(caller, group);
    return jdbi.withHandle(handle -> of(handle, group));
  }

  private static List<Webhook> of(Handle handle, ConversationId group) {
    return handle
        .createQuery(
            "select * from server_incoming_webhook where conversation_id = :group order by webhook_id")
        .bind("group", group.value())
        .map((row, context) -> read(row))
        .list();
  }

  /** A line for each webhook that an account has made, for an export; without the secret. */
  public static List<ObjectNode> export(Jdbi jdbi, Account owner) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from server_incoming_webhook where created_by = :owner order by webhook_id")
                .bind("owner", owner.username())
                .map((row, context) -> read(row).json())
                .list());
  }

  /**
   * Ends a webhook, and takes its sender out of the group.
   *
   * @throws ApiException {@code not_found}, also for a group of which the caller is no member
   */
  public void delete(Account caller, long id) {
    Webhook webhook =
        jdbi.withHandle(
                handle ->
                    handle
                        .createQuery("select * from server_incoming_webhook where webhook_id = :id")
                        .bind("id", id)
                        .map((row, context) -> read(row))
                        .findOne())
            .orElseThrow(IncomingWebhooks::unknown);
    requireAdmin(caller, webhook.conversation());
    forget(id);
    await(
        engine.asApplication().ensureNoMember(webhook.conversation(), UserId.of(webhook.sender())));
  }

  private static ApiException unknown() {
    return ApiException.of(ApiError.NOT_FOUND, "there is no such webhook");
  }

  /**
   * Posts a text.
   *
   * @param address from which it is posted
   * @throws ApiException {@code not_found} for a secret of no webhook, {@code rate_limited}, and
   *     what a send answers
   */
  public SendAck post(String secret, String text, ClientMessageId id, String address) {
    Webhook webhook =
        jdbi.withHandle(
                handle ->
                    handle
                        .createQuery(
                            "select * from server_incoming_webhook where secret_hash = :hash")
                        .bind("hash", Secrets.hash(secret))
                        .map((row, context) -> read(row))
                        .findOne())
            .orElseThrow(IncomingWebhooks::unknown);
    return limits.posted(
        webhook.id(),
        address,
        () ->
            await(
                engine
                    .asUser(UserId.of(webhook.sender()))
                    .send(webhook.conversation(), NewMessage.text(id, text))));
  }
}
