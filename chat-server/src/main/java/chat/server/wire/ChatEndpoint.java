package chat.server.wire;

import chat.engine.ChatEngine;
import chat.engine.ChatUser;
import chat.engine.UserId;
import chat.server.accounts.Account;
import chat.server.accounts.BearerTokens;
import chat.server.accounts.Contacts;
import chat.server.accounts.Logins;
import chat.server.conversations.Conversations;
import chat.server.uri.AllowedOrigins;
import chat.server.ws.CloseCode;
import chat.server.ws.ConnectionAcceptor;
import chat.server.ws.ConnectionListener;
import chat.server.ws.UpgradeRequest;
import chat.server.ws.WebSocketConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The connections of this node that speak the chat protocol. Thread-safe. */
public final class ChatEndpoint implements ConnectionAcceptor {
  /** Where clients connect to. */
  public static final String PATH = "/v1/ws";

  /** What another node does is seen when it is committed, some time after the time it carries. */
  private static final Duration COMMITTED_WITHIN = Duration.ofSeconds(30);

  private static final int TURNS = 64;

  private final ChatEngine engine;
  private final Conversations conversations;
  private final Contacts contacts;
  private final Logins logins;
  private final Admission admission;
  private final Executor blocking;
  private final Settings settings;
  private final Consumer<Duration> sendTimes;
  private final Set<ChatSocket> sockets = ConcurrentHashMap.newKeySet();
  private final Map<Long, Integer> connectionsOf = new ConcurrentHashMap<>(); // by account
  private final Object[] turns = Stream.generate(Object::new).limit(TURNS).toArray();
  private final Set<Contacts.Sight> lately = ConcurrentHashMap.newKeySet(); // watched already
  private long endedCheckedNanos = System.nanoTime(); // by the thread that calls closeEnded
  private long addedCheckedNanos = System.nanoTime(); // by the one that calls watchAdded

  /**
   * What the operator chose, and what the welcome tells the clients.
   *
   * @param origins of pages that may connect
   */
  public record Settings(
      String node,
      String epoch,
      Duration heartbeat,
      int maxFrameBytes,
      int maxTextBytes,
      int messagesPerSecond,
      int maxConnectionsPerUser,
      AllowedOrigins origins) {}

  /**
   * @param blocking where calls to the database may block; a rejection is answered with {@code
   *     busy}
   * @param sendTimes is told how long each acknowledged send took
   */
  public ChatEndpoint(
      ChatEngine engine,
      Conversations conversations,
      Contacts contacts,
      Logins logins,
      BearerTokens bearerTokens,
      Executor blocking,
      Settings settings,
      Consumer<Duration> sendTimes) {
    this.engine = engine;
    this.conversations = conversations;
    this.contacts = contacts;
    this.logins = logins;
    this.admission = new Admission(logins, bearerTokens);
    this.blocking = blocking;
    this.settings = settings;
    this.sendTimes = sendTimes;
  }

  @Override
  public boolean admits(UpgradeRequest request) {
    boolean known = request.path().equals(PATH) || request.path().equals(PATH + "/");
    return known && request.origin().map(settings.origins()::allows).orElse(true);
  }

  @Override
  public ConnectionListener open(WebSocketConnection connection, UpgradeRequest request) {
    ChatSocket socket = new ChatSocket(this, connection);
    sockets.add(socket);
    socket.start(request);
    return socket;
  }

  ChatEngine engine() {
    return engine;
  }

  Conversations conversations() {
    return conversations;
  }

  Contacts contacts() {
    return contacts;
  }

  Admission admission() {
    return admission;
  }

  Executor blocking() {
    return blocking;
  }

  Settings settings() {
    return settings;
  }

  Consumer<Duration> sendTimes() {
    return sendTimes;
  }

  /**
   * Counts one more connection of this user, until {@link #gone}.
   *
   * @return false if there are as many as there may be
   */
  boolean enter(Account account) {
    int now = connectionsOf.merge(account.id(), 1, Integer::sum);
    if (now > settings.maxConnectionsPerUser()) {
      leave(account);
      return false;
    }
    return true;
  }

  private void leave(Account account) {
    connectionsOf.computeIfPresent(account.id(), (id, count) -> count == 1 ? null : count - 1);
  }

  /**
   * @param entered whose connection it was, unless it ended before that was known
   */
  void gone(ChatSocket socket, @Nullable Account entered) {
    sockets.remove(socket);
    if (entered != null) {
      leave(entered);
    }
  }

  /** Closes the sockets of a login on this node. */
  public void loggedOut(UUID login) {
    close(Set.of(login));
  }

  private void close(Set<UUID> ended) {
    sockets.stream()
        .filter(socket -> socket.login() != null && ended.contains(socket.login()))
        .forEach(socket -> socket.close(CloseCode.UNAUTHORIZED, "logged out"));
  }

  /**
   * Closes the sockets of logins that were ended on other nodes since the last call that succeeded.
   * Blocks on the database; for one thread at a time.
   */
  public void closeEnded() {
    long now = System.nanoTime();
    Set<UUID> ended =
        logins.endedWithin(Duration.ofNanos(now - endedCheckedNanos).plus(COMMITTED_WITHIN));
    if (!ended.isEmpty()) {
      close(ended);
    }
    endedCheckedNanos = now;
  }

  /**
   * Who have become contacts see each other's presence from now on, as far as they are connected
   * here; other nodes see to theirs with {@link #watchAdded}. Blocks on the database.
   */
  public void contactsAdded(Account one, Contacts.Added added) {
    if (added.isNew()) {
      Account other = added.friend();
      watchAnew(Set.of(one, other));
      lately.add(new Contacts.Sight(one, other.id()));
      lately.add(new Contacts.Sight(other, one.id()));
    }
  }

  /**
   * Lets who became contacts on other nodes since the last call that succeeded see each other's
   * presence. Blocks on the database; for one thread at a time.
   */
  public void watchAdded() {
    long now = System.nanoTime();
    Set<Contacts.Sight> added =
        contacts.addedWithin(Duration.ofNanos(now - addedCheckedNanos).plus(COMMITTED_WITHIN));
    watchAnew(
        added.stream()
            .filter(sight -> !lately.contains(sight))
            .map(Contacts.Sight::account)
            .collect(Collectors.toSet()));
    lately.retainAll(added); // the others are too old to be found again
    lately.addAll(added);
    addedCheckedNanos = now;
  }

  private void watchAnew(Set<Account> accounts) {
    for (Account account : accounts) {
      if (connectionsOf.containsKey(account.id())) {
        watchContacts(
            account, sockets.stream().filter(socket -> socket.belongsTo(account)).toList());
      }
    }
  }

  /**
   * Lets these connections of a user see the presence of the contacts. One at a time for each user,
   * so that what was read earlier never replaces what was read later. Blocks on the database.
   */
  void watchContacts(Account account, List<ChatSocket> theirs) {
    synchronized (turns[Math.floorMod(account.id(), TURNS)]) {
      Set<UserId> known = watched(account);
      theirs.forEach(socket -> socket.watch(known));
    }
  }

  /** Whose presence events a user gets: the contacts, or as many of them as the engine watches. */
  private Set<UserId> watched(Account account) {
    return contacts.of(account).stream()
        .limit(ChatUser.MAX_USERS)
        .map(Account::userId)
        .collect(Collectors.toSet());
  }
}
