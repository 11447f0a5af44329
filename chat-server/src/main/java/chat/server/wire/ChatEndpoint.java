package chat.server.wire;

import chat.engine.ChatEngine;
import chat.engine.ChatSession;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.GroupUpdate;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.protocol.ChatProtocol;
import chat.engine.protocol.CloseCode;
import chat.engine.protocol.ProtocolBuilder;
import chat.engine.protocol.ProtocolConnection;
import chat.engine.protocol.VerbSet;
import chat.engine.protocol.WireError;
import chat.engine.protocol.verb.StandardVerbs;
import chat.server.accounts.Account;
import chat.server.accounts.login.BearerTokens;
import chat.server.accounts.login.Identity;
import chat.server.accounts.login.Logins;
import chat.server.announcements.ShownAnnouncements;
import chat.server.contacts.ContactRequests;
import chat.server.contacts.Contacts;
import chat.server.conversations.Blocks;
import chat.server.conversations.Conversations;
import chat.server.json.ApiException;
import chat.server.security.SecurityEvent;
import chat.server.security.SecurityEvents;
import chat.server.uri.AllowedOrigins;
import chat.server.uri.ClientAddresses;
import chat.server.verbs.ServerVerbs;
import chat.server.verbs.caller.Caller;
import chat.server.ws.ConnectionAcceptor;
import chat.server.ws.ConnectionListener;
import chat.server.ws.RefusedHandshake;
import chat.server.ws.UpgradeRequest;
import chat.server.ws.WebSocketConnection;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes in the connections of this node: finds out who they are, and hands them to the engine's
 * protocol with the verbs of this server. Thread-safe.
 */
public final class ChatEndpoint implements ConnectionAcceptor, AutoCloseable {
  /** Where clients connect to. */
  public static final String PATH = "/v1/ws";

  private static final Logger log = LoggerFactory.getLogger(ChatEndpoint.class);

  /** What another node does is seen when it is committed, some time after the time it carries. */
  private static final Duration COMMITTED_WITHIN = Duration.ofSeconds(30);

  private final ChatProtocol protocol;
  private final ContactWatch contactWatch;
  private final ShownAnnouncements announcements;
  private final Logins logins;
  private final Admission admission;
  private final Executor blocking;
  private final AllowedOrigins origins;
  private final ClientAddresses addresses;
  private final SecurityEvents events;
  private long endedCheckedNanos = System.nanoTime(); // by the thread that calls closeEnded

  /**
   * What the operator chose; the welcome tells most of it to the clients.
   *
   * @param messagesPerSecondPerUser 0 for what the protocol has unless set
   * @param origins of pages that may connect
   * @param addresses knows the proxies
   */
  public record Settings(
      Duration heartbeat,
      int maxFrameBytes,
      int messagesPerSecond,
      int messagesPerSecondPerUser,
      AllowedOrigins origins,
      ClientAddresses addresses) {}

  /**
   * @param blocking where calls to the database may block; a rejection is answered with {@code
   *     busy}
   * @param read told who has read something of which conversation; must not block
   * @param sendTimes given the time that each acknowledged send took
   */
  public ChatEndpoint(
      ChatEngine engine,
      Conversations conversations,
      Blocks blocks,
      Contacts contacts,
      ContactRequests requests,
      BiConsumer<Account, List<String>> files,
      BiConsumer<UserId, ConversationId> read,
      ShownAnnouncements announcements,
      Logins logins,
      BearerTokens bearerTokens,
      Executor blocking,
      Settings settings,
      SecurityEvents events,
      Consumer<Duration> sendTimes) {
    this.events = events;
    this.announcements = announcements;
    this.addresses = settings.addresses();
    this.logins = logins;
    this.admission = new Admission(logins, bearerTokens);
    this.blocking = blocking;
    this.origins = settings.origins();
    ProtocolBuilder opened =
        ChatProtocol.builder(engine)
            .open(
                verbs(
                    conversations, blocks, contacts, requests, files, read, this::contactsChanged))
            .requestsPerSecond(settings.messagesPerSecond())
            .maxFrameBytes(settings.maxFrameBytes())
            .heartbeat(settings.heartbeat())
            .blockingExecutor(blocking)
            .errors(ChatEndpoint::error)
            .welcome(this::addToWelcome)
            .onSent(ChatEndpoint::noteName)
            .answerTimes(
                (type, took) -> {
                  if (type.equals("send")) {
                    sendTimes.accept(took);
                  }
                });
    if (settings.messagesPerSecondPerUser() > 0) {
      opened.requestsPerSecondPerUser(settings.messagesPerSecondPerUser());
    }
    this.protocol = opened.build();
    this.contactWatch = new ContactWatch(protocol, contacts);
  }

  /** What clients can ask; of two verbs with the same type the later one counts. */
  static List<VerbSet> verbs(
      Conversations conversations,
      Blocks blocks,
      Contacts contacts,
      ContactRequests requests,
      BiConsumer<Account, List<String>> files,
      BiConsumer<UserId, ConversationId> read,
      BiConsumer<Account, Contacts.Change> contactsChanged) {
    return List.of(
        StandardVerbs.FOLLOWING,
        StandardVerbs.TALKING,
        StandardVerbs.SEARCHING,
        StandardVerbs.MANAGING_GROUPS,
        StandardVerbs.MODERATING_GROUPS,
        StandardVerbs.INVITING,
        StandardVerbs.REPORTING,
        StandardVerbs.BLOCKING,
        StandardVerbs.PRIVACY,
        StandardVerbs.PROFILES,
        ServerVerbs.of(conversations, blocks, contacts, requests, files, read, contactsChanged));
  }

  private static WireError error(Throwable fault) {
    ApiException refusal = ApiException.from(fault);
    return new WireError(
        refusal.error().wireName(),
        String.valueOf(refusal.getMessage()),
        refusal.retryAfter().orElse(null));
  }

  private void addToWelcome(ProtocolConnection connection, ObjectNode welcome) {
    Caller caller = connection.attachment(Caller.class);
    Account account = caller.account();
    welcome
        .putObject("user")
        .put("id", Long.toString(account.id()))
        .put("username", account.username());
    caller.announcements().putInto(welcome, announcements);
  }

  /**
   * What was found under a name may be another group's from now on: the group has another one, or
   * it will not be told to the user.
   */
  private static void noteName(ProtocolConnection connection, ChatEvent event) {
    if (event instanceof ConversationChanged changed
        && changed.change() != null
        && connection.attachment() instanceof Caller caller
        && mayGiveUpName(changed.change(), caller.account().userId())) {
      caller.known().forget(changed.conversation().id());
    }
  }

  private static boolean mayGiveUpName(ConversationChange change, UserId user) {
    return switch (change.kind()) {
      case DELETED -> true;
      case REMOVED, BANNED -> change.subjects().contains(user);
      default -> change.settings().changes(GroupUpdate.Field.NAME);
    };
  }

  @Override
  public boolean admits(UpgradeRequest request) {
    boolean known = request.path().equals(PATH) || request.path().equals(PATH + "/");
    boolean allowed = request.origin().map(origins::allows).orElse(true);
    if (!known) {
      happened(SecurityEvent.HANDSHAKE_PATH, request);
    } else if (!allowed) {
      happened(SecurityEvent.HANDSHAKE_ORIGIN, request);
    }
    return known && allowed;
  }

  @Override
  public void refused(RefusedHandshake why, InetAddress remote) {
    SecurityEvent event =
        switch (why) {
          case FULL -> SecurityEvent.HANDSHAKE_FULL;
          case ADDRESS_FULL -> SecurityEvent.HANDSHAKE_ADDRESS_FULL;
          case SLOW -> SecurityEvent.HANDSHAKE_SLOW;
          case BROKEN -> SecurityEvent.HANDSHAKE_BROKEN;
        };
    events.happened(event, addresses.of(remote, null));
  }

  private void happened(SecurityEvent event, UpgradeRequest request) {
    events.happened(event, addresses.of(request.remote(), request.forwardedFor().orElse(null)));
  }

  @Override
  public ConnectionListener open(WebSocketConnection connection, UpgradeRequest request) {
    ProtocolConnection chat = protocol.open(new SocketTransport(connection));
    onBlockingThread(() -> admission.identify(request))
        .thenAccept(identity -> admit(chat, identity, request))
        .exceptionally(
            fault -> {
              refuse(chat, ApiException.from(fault), request);
              return null;
            });
    return new Incoming(chat);
  }

  private void admit(ProtocolConnection chat, Identity identity, UpgradeRequest request) {
    DeviceId device = Admission.device(request);
    Account account = identity.account();
    Caller caller = new Caller(identity);
    chat.admit(account.userId(), device, caller)
        .whenComplete(
            (session, fault) -> {
              if (fault != null) { // it is closed
                happened(SecurityEvent.HANDSHAKE_BUSY, request);
              }
            })
        .thenCompose(
            session -> {
              caller.announcements().welcomed(announcements, chat::send);
              return onBlockingThread(
                  () -> {
                    contactWatch.watch(account, List.of(chat));
                    return session;
                  });
            })
        .whenComplete(
            (watching, fault) -> {
              if (fault != null) {
                log.debug("no presence for {}: {}", account.username(), fault.toString());
              }
            });
  }

  private void refuse(ProtocolConnection chat, ApiException refusal, UpgradeRequest request) {
    switch (refusal.error()) {
      case UNAUTHORIZED -> {
        happened(SecurityEvent.HANDSHAKE_UNAUTHORIZED, request);
        chat.close(CloseCode.UNAUTHORIZED, "not authorised");
      }
      case FORBIDDEN -> {
        happened(SecurityEvent.HANDSHAKE_FORBIDDEN, request);
        chat.close(CloseCode.FORBIDDEN, "may not come in");
      }
      case BAD_REQUEST, TOO_LARGE -> {
        happened(SecurityEvent.HANDSHAKE_NAME, request);
        chat.close(CloseCode.POLICY, "bad device or username");
      }
      case INTERNAL -> {
        log.error("a connection could not be taken in", refusal);
        chat.close(CloseCode.INTERNAL, "internal error");
      }
      default -> {
        happened(SecurityEvent.HANDSHAKE_BUSY, request);
        chat.close(CloseCode.TRY_LATER, "come back later");
      }
    }
  }

  private <T> CompletableFuture<T> onBlockingThread(Supplier<T> work) {
    try {
      return CompletableFuture.supplyAsync(work, blocking);
    } catch (RejectedExecutionException full) {
      return CompletableFuture.failedFuture(ApiException.busy());
    }
  }

  private record Incoming(ProtocolConnection chat) implements ConnectionListener {
    @Override
    public void onText(String text) {
      chat.receive(text); // reading is paused when more has to wait
    }

    @Override
    public void onClose() {
      chat.closed();
    }
  }

  /** Closes the sockets of a login on this node. */
  public void loggedOut(UUID login) {
    close(Set.of(login));
  }

  private void close(Set<UUID> ended) {
    close(
        caller -> ended.contains(caller.identity().login()), CloseCode.UNAUTHORIZED, "logged out");
  }

  private void close(Predicate<Caller> whose, int code, String reason) {
    protocol
        .connections()
        .filter(
            connection -> connection.attachment() instanceof Caller caller && whose.test(caller))
        .forEach(connection -> connection.close(code, reason));
  }

  /**
   * Closes the sockets of logins that were ended, and of accounts that were suspended, on whatever
   * node since the last call that succeeded. Blocks on the database; for one thread at a time.
   */
  public void closeEnded() {
    long now = System.nanoTime();
    Duration time = Duration.ofNanos(now - endedCheckedNanos).plus(COMMITTED_WITHIN);
    // A suspension ends logins. Those that are seen ended must not have been suspended unseen.
    Set<UUID> ended = logins.endedWithin(time);
    Set<Long> suspended = logins.suspendedWithin(time);
    if (!suspended.isEmpty()) {
      close(caller -> suspended.contains(caller.account().id()), CloseCode.FORBIDDEN, "suspended");
    }
    if (!ended.isEmpty()) {
      close(ended);
    }
    endedCheckedNanos = now;
  }

  /** The connections of this node; of one user if that is given. */
  public Stream<Connected> connected(@Nullable String username) {
    return protocol
        .connections()
        .map(ChatEndpoint::connected)
        .flatMap(Optional::stream)
        .filter(connected -> username == null || connected.username().equals(username));
  }

  private static Optional<Connected> connected(ProtocolConnection connection) {
    ChatSession session = connection.session();
    return session != null && connection.attachment() instanceof Caller caller
        ? Optional.of(new Connected(caller.account().username(), session.device(), caller.since()))
        : Optional.empty();
  }

  /** A connection of a user's device. */
  public record Connected(String username, DeviceId device, Instant since) {}

  /** Two users have become contacts, or have ceased to be; blocks on the database. */
  public void contactsChanged(Account one, Contacts.Change change) {
    contactWatch.contactsChanged(one, change);
  }

  /** See {@link ContactWatch#watchChanged}. */
  public void watchContacts() {
    contactWatch.watchChanged();
  }

  /**
   * Tells the connections of this node what was announced or withdrawn, on whatever node, since the
   * last call. Blocks on the database; for one thread at a time.
   */
  public void tellAnnouncements() {
    if (announcements.compare()) {
      protocol
          .connections()
          .forEach(
              connection -> {
                if (connection.attachment() instanceof Caller caller) {
                  caller.announcements().tell(announcements, connection::send);
                }
              });
    }
  }

  /** See {@link ChatProtocol#drain}. */
  public boolean drain(Duration deadline) {
    return protocol.drain(deadline);
  }

  @Override
  public void close() {
    protocol.close();
  }
}
