package chat.server.admin;

import chat.engine.ChatApplication;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.ReportId;
import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.accounts.Accounts;
import chat.server.accounts.login.LoginList;
import chat.server.accounts.login.Suspensions;
import chat.server.admin.AuditLog.Target;
import chat.server.announcements.Announcement;
import chat.server.announcements.Announcements;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.rest.AccountExport;
import chat.server.webhooks.DeadLetters;
import chat.server.webhooks.OutgoingWebhooks;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All that operators can do, each action with its entry in the audit log. What comes back is what
 * REST shows. Thread-safe; blocks. Throws {@link ApiException}s.
 */
public final class Administration {
  private static final String USER = "user";
  private static final String CONVERSATION = "conversation";
  private static final String ANNOUNCEMENT = "announcement";
  private static final int MOST = 1_000;

  /** Without what is taken for something else when it is read to somebody. */
  private static final String LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";

  private static final int TEMPORARY_PASSWORD = 16;

  private final Jdbi jdbi;
  private final Accounts accounts;
  private final LoginList logins;
  private final Suspensions suspensions;
  private final Consumer<Account> erasure;
  private final Announcements announcements;
  private final Supplier<ChatApplication> chat;
  private final GeneralRetention generalRetention;
  private final AuditLog audit;
  private final UserAdministration users;
  private final ConversationAdministration conversations;
  private final ReportAdministration reports;
  private final ConnectionLookup connections;
  private final ExportedAccount exported;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param erasure begins the erasure of an account
   * @param chat asked when it is needed first: a command line that needs no engine starts none
   * @param generalRetention of all conversations for which nothing else is set
   */
  public Administration(
      Jdbi jdbi,
      Accounts accounts,
      Consumer<Account> erasure,
      Announcements announcements,
      Supplier<ChatApplication> chat,
      GeneralRetention generalRetention) {
    this.jdbi = jdbi;
    this.accounts = accounts;
    this.logins = new LoginList(jdbi);
    this.suspensions = new Suspensions(jdbi);
    this.erasure = erasure;
    this.announcements = announcements;
    this.chat = chat;
    this.generalRetention = generalRetention;
    this.audit = new AuditLog(jdbi);
    this.users = new UserAdministration(jdbi, logins);
    this.conversations = new ConversationAdministration(jdbi, chat, generalRetention);
    this.reports = new ReportAdministration(jdbi, chat);
    this.connections = new ConnectionLookup(jdbi);
    this.exported = new ExportedAccount(jdbi);
  }

  // ---- who may

  /**
   * @param action what the caller is about to do, for the log
   * @param reason why; null if the caller does not say
   * @throws ApiException {@code forbidden}
   */
  Operator require(Account caller, String origin, String action, @Nullable String reason) {
    if (!users.isAdministrator(caller)) {
      audit.refused(caller, origin, action);
      throw ApiException.of(ApiError.FORBIDDEN, "this is for administrators");
    }
    return new Operator(caller, origin, reason);
  }

  // ---- users

  public ObjectNode users(Operator who, String prefix, String after, long limit) {
    return audit.record(
        who, "user.list", Target.NONE, null, () -> users.list(prefix, after, within(limit)));
  }

  public ObjectNode user(Operator who, String username) {
    return onUser(who, "user.show", username, users::show);
  }

  public ObjectNode makeAdministrator(Operator who, String username) {
    return onUser(
        who,
        "user.make_administrator",
        username,
        account -> {
          requireNoBot(account);
          users.makeAdministrator(account);
          return users.show(account);
        });
  }

  /** A bot's name would be free for somebody who poses as it, and keep nodes from starting. */
  private void requireNoBot(Account account) {
    if (accounts.isBot(account)) {
      throw ApiException.of(
          ApiError.CONFLICT,
          account.username()
              + " is a bot or a webhook: suspend it, or take it out of the integrations");
    }
  }

  public ObjectNode unmakeAdministrator(Operator who, String username) {
    return onUser(
        who,
        "user.unmake_administrator",
        username,
        account -> {
          users.unmakeAdministrator(account);
          return users.show(account);
        });
  }

  /**
   * Keeps a user out, for the reason that the operator has to give.
   *
   * @param until null for good
   */
  public ObjectNode suspend(Operator who, String username, @Nullable Instant until) {
    String reason = who.requiredReason();
    return onUser(
        who,
        "user.suspend",
        username,
        account -> {
          suspensions.suspend(account, until, reason);
          return users.show(account);
        });
  }

  public ObjectNode liftSuspension(Operator who, String username) {
    return onUser(
        who,
        "user.lift_suspension",
        username,
        account -> {
          suspensions.lift(account);
          return users.show(account);
        });
  }

  /**
   * Gives a user another password and ends all logins.
   *
   * @param given null for a random one
   * @return with the {@code password} if it is a random one
   */
  public ObjectNode resetPassword(Operator who, String username, @Nullable String given) {
    return onUser(
        who,
        "user.reset_password",
        username,
        account -> {
          String password = given == null ? temporaryPassword() : given;
          accounts.resetPassword(account, password);
          ObjectNode reply = JsonObjects.object().put("logins_ended", logins.endAll(account));
          return given == null ? reply.put("password", password) : reply;
        });
  }

  private String temporaryPassword() {
    StringBuilder password = new StringBuilder();
    random
        .ints(TEMPORARY_PASSWORD, 0, LETTERS.length())
        .forEach(letter -> password.append(LETTERS.charAt(letter)));
    return password.toString();
  }

  public ObjectNode endLogins(Operator who, String username) {
    return onUser(
        who,
        "user.end_logins",
        username,
        account -> JsonObjects.object().put("logins_ended", logins.endAll(account)));
  }

  /** Begins the erasure, which goes on in the background, on any node. */
  public void deleteUser(Operator who, String username) {
    onUser(
        who,
        "user.delete",
        username,
        account -> {
          requireNoBot(account);
          erasure.accept(account);
          return account;
        });
  }

  /** All that there is of a user, as JSON Lines. */
  public AccountExport export(Operator who, String username) {
    return onUser(
        who,
        "user.export",
        username,
        account -> new AccountExport(chat.get(), account.userId(), exported.lines(account)));
  }

  private <T> T onUser(Operator who, String action, String username, Function<Account, T> work) {
    Optional<Account> account = Optional.ofNullable(accounts.named(Set.of(username)).get(username));
    Target target =
        account.map(found -> Target.of(USER, found.id())).orElse(new Target(USER, null));
    return audit.record(
        who,
        action,
        target,
        null,
        () ->
            work.apply(
                account.orElseThrow(
                    () -> ApiException.of(ApiError.NOT_FOUND, "there is no user " + username))));
  }

  // ---- conversations

  public ObjectNode groups(Operator who, String prefix, String after, long limit) {
    return audit.record(
        who,
        "group.list",
        Target.NONE,
        null,
        () -> conversations.groups(prefix, after, within(limit)));
  }

  public ObjectNode conversation(Operator who, ConversationId id, String after, long limit) {
    return onConversation(
        who, "conversation.show", id, null, () -> conversations.show(id, after, within(limit)));
  }

  public void deleteConversation(Operator who, ConversationId id) {
    onConversation(
        who,
        "conversation.delete",
        id,
        null,
        () -> {
          conversations.delete(id);
          return id;
        });
  }

  public ObjectNode messages(Operator who, ConversationId id, HistoryQuery query) {
    return onConversation(
        who, "conversation.read", id, null, () -> conversations.messages(id, query));
  }

  public void deleteMessage(Operator who, ConversationId id, long seq) {
    onConversation(
        who,
        "message.delete",
        id,
        "seq " + seq,
        () -> {
          conversations.deleteMessage(id, seq);
          return id;
        });
  }

  public ObjectNode retention(Operator who, ConversationId id) {
    return onConversation(who, "retention.show", id, null, () -> conversations.retention(id));
  }

  /**
   * @param days null for the general retention
   */
  public ObjectNode setRetention(Operator who, ConversationId id, @Nullable Long days) {
    return onConversation(
        who,
        "retention.set",
        id,
        days == null ? "as in general" : days + " days",
        () -> {
          conversations.setRetention(id, days);
          return conversations.retention(id);
        });
  }

  public ObjectNode generalRetention(Operator who) {
    return audit.record(who, "retention.show", Target.NONE, null, generalRetention::show);
  }

  /**
   * Sets the retention of conversations that have none of their own. The operator has to give a
   * reason.
   *
   * @param days 0 means for ever; null returns to the settings of the nodes
   */
  public ObjectNode setGeneralRetention(Operator who, @Nullable Long days) {
    who.requiredReason();
    return audit.record(
        who,
        "retention.set",
        Target.NONE,
        GeneralRetention.words(days),
        () -> {
          generalRetention.set(days);
          return generalRetention.show();
        });
  }

  private <T> T onConversation(
      Operator who, String action, ConversationId id, @Nullable String details, Supplier<T> work) {
    return audit.record(who, action, Target.of(CONVERSATION, id.value()), details, work);
  }

  // ---- announcements

  /**
   * Tells all users something, from now on, for the reason that the operator has to give.
   *
   * @param kind {@code info} or {@code warning}; null for {@code info}
   * @param until null for {@link Announcement#DEFAULT_TIME}
   */
  public ObjectNode announce(
      Operator who, String text, @Nullable String kind, @Nullable Instant until) {
    return announcement(who, () -> announcements.announce(who.account(), text, kind(kind), until));
  }

  /** The same, for so long from now on. */
  public ObjectNode announceFor(Operator who, String text, @Nullable String kind, Duration time) {
    return announcement(
        who, () -> announcements.announceFor(who.account(), text, kind(kind), time));
  }

  private ObjectNode announcement(Operator who, Supplier<ObjectNode> work) {
    who.requiredReason();
    return audit.record(who, "announcement.make", Target.NONE, null, work);
  }

  private static Announcement.Kind kind(@Nullable String word) {
    return word == null ? Announcement.Kind.INFO : Announcement.Kind.of(word);
  }

  /**
   * The announcements, also those that are over, the newest first.
   *
   * @param before only those with a lower id
   */
  public ObjectNode announcements(Operator who, Optional<Long> before, long limit) {
    return audit.record(
        who,
        "announcement.list",
        Target.NONE,
        null,
        () -> announcements.list(end(before), within(limit)));
  }

  /** Takes an announcement from all screens before its end. */
  public ObjectNode withdrawAnnouncement(Operator who, long id) {
    return audit.record(
        who,
        "announcement.withdraw",
        Target.of(ANNOUNCEMENT, id),
        null,
        () -> announcements.withdraw(id));
  }

  // ---- reports, connections, the log

  /**
   * @param open whether only those that wait for a decision, the oldest first; else all, the newest
   *     first
   * @param after the id of the last report of the page before
   */
  public ObjectNode reports(Operator who, boolean open, Optional<Long> after, long limit) {
    return audit.record(
        who, "report.list", Target.NONE, null, () -> reports.list(open, after, within(limit)));
  }

  /**
   * @param decision {@code open}, {@code dismissed} or {@code actioned}
   */
  public ObjectNode decideReport(
      Operator who, ReportId id, String decision, @Nullable String note) {
    Account decider = who.account();
    return audit.record(
        who,
        ReportAdministration.DECIDE,
        Target.of("report", id.value()),
        note == null ? decision : decision + ": " + note,
        () ->
            reports
                .decide(id, decision, note)
                .put("decided_by", decider == null ? who.origin() : decider.username()));
  }

  /**
   * @param username null for all users
   */
  public ObjectNode connections(Operator who, @Nullable String username) {
    return username == null
        ? audit.record(who, "connection.list", Target.NONE, null, () -> connections.ask(null))
        : onUser(who, "connection.list", username, account -> connections.ask(account.username()));
  }

  /**
   * The audit log, the newest entry first. To read it makes no entry.
   *
   * @param before only entries with a lower id
   */
  public ObjectNode audit(Optional<Long> before, long limit) {
    return audit.page(end(before), within(limit));
  }

  /**
   * What bots and webhooks have given up, the last first.
   *
   * @param before only those with a lower id
   */
  public ObjectNode deadLetters(Operator who, Optional<Long> before, long limit) {
    return audit.record(
        who, "dead_letter.list", Target.NONE, null, () -> deadLetters(before, within(limit)));
  }

  private ObjectNode deadLetters(Optional<Long> before, int most) {
    List<DeadLetters.Letter> letters = DeadLetters.newest(jdbi, end(before), most + 1);
    ObjectNode reply = JsonObjects.object();
    ArrayNode list = reply.putArray("dead_letters");
    for (DeadLetters.Letter letter : letters.subList(0, Math.min(most, letters.size()))) {
      list.addObject()
          .put("id", letter.id())
          .put("integration", letter.integration())
          .put("entry", letter.entry())
          .put("conversation_id", letter.conversation().toString())
          .put("reason", letter.reason())
          .put("attempts", letter.attempts())
          .put("failed_at", JsonObjects.time(letter.failedAt()));
    }
    return reply.put("has_more", letters.size() > most);
  }

  /**
   * Posts to an outgoing webhook once more what happened from a time on.
   *
   * @throws ApiException {@code not_found} if there never was one of this name
   */
  public ObjectNode replayWebhook(Operator who, String webhook, Instant since) {
    if (!OutgoingWebhooks.isName(webhook)) {
      throw ApiException.badRequest("the name of a webhook is 1 to 48 of a-z 0-9 _ . -");
    }
    return audit.record(
        who,
        "webhook.replay",
        Target.NONE,
        webhook + " since " + since,
        () -> {
          OutgoingWebhooks.replay(chat.get(), webhook, since);
          return JsonObjects.object().put("message", "replaying");
        });
  }

  /** Writes down what is done beside this class, such as a backup. */
  public <T> T recorded(Operator who, String action, Supplier<T> work) {
    return audit.record(who, action, Target.NONE, null, work);
  }

  /** Entries have ids from 1 on. */
  private static long end(Optional<Long> before) {
    long end = before.orElse(Long.MAX_VALUE);
    if (end < 1) {
      throw ApiException.badRequest("before must be the id of an entry, not " + end);
    }
    return end;
  }

  private static int within(long limit) {
    if (limit < 1 || limit > MOST) {
      throw ApiException.badRequest("limit must be 1 to " + MOST + ", not " + limit);
    }
    return (int) limit;
  }
}
