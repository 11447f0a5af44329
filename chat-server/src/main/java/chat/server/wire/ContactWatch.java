package chat.server.wire;

import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.Presence;
import chat.engine.UserId;
import chat.engine.event.PresenceChanged;
import chat.engine.protocol.ChatProtocol;
import chat.engine.protocol.JsonObjects;
import chat.engine.protocol.ProtocolConnection;
import chat.engine.protocol.WireJson;
import chat.server.accounts.Account;
import chat.server.contacts.Contacts;
import chat.server.verbs.caller.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets users see the presence of their contacts and of nobody else, also when they became contacts,
 * or ceased to be, on another node; and tells clients when contacts or requests have changed.
 * Thread-safe; every method blocks on the database.
 */
public final class ContactWatch {
  /** What another node does is seen when it is committed, some time after the time it carries. */
  private static final Duration COMMITTED_WITHIN = Duration.ofSeconds(30);

  /** Who it is about is asked for by those who look, so it is told at a bounded rate. */
  private static final String NEWS = "contacts_changed";

  private static final int TURNS = 64;

  private final ChatProtocol protocol;
  private final Contacts contacts;
  private final Object[] turns = Stream.generate(Object::new).limit(TURNS).toArray();
  private final Set<Contacts.Sight> lately = ConcurrentHashMap.newKeySet(); // watched already
  private Set<Contacts.Sight> told = Set.of(); // by the thread that calls watchChanged
  private long checkedNanos = System.nanoTime(); // by the thread that calls watchChanged

  ContactWatch(ChatProtocol protocol, Contacts contacts) {
    this.protocol = protocol;
    this.contacts = contacts;
  }

  /**
   * Two users who have become contacts see each other's presence from now on, and two who are no
   * longer do not, as far as they are connected here; other nodes see to theirs with {@link
   * #watchChanged}.
   */
  public void contactsChanged(Account one, Contacts.Change change) {
    Instant at = change.at();
    if (at != null) {
      Account other = change.friend();
      watchAnew(Set.of(one, other));
      lately.add(new Contacts.Sight(one, other.id(), at));
      lately.add(new Contacts.Sight(other, one.id(), at));
    }
  }

  /**
   * Does the same for what happened on other nodes since the last call that succeeded, and tells
   * the connections of both users here what happened on any node. For one thread at a time.
   */
  public void watchChanged() {
    long now = System.nanoTime();
    Set<Contacts.Sight> changed =
        contacts.changedWithin(Duration.ofNanos(now - checkedNanos).plus(COMMITTED_WITHIN));
    watchAnew(
        changed.stream()
            .filter(sight -> !lately.contains(sight))
            .map(Contacts.Sight::account)
            .collect(Collectors.toSet()));
    lately.retainAll(changed); // the others are too old to be found again
    lately.addAll(changed);
    tell(
        changed.stream()
            .filter(sight -> !told.contains(sight))
            .map(sight -> sight.account().id())
            .collect(Collectors.toSet()));
    told = changed;
    checkedNanos = now;
  }

  private void tell(Set<Long> accounts) {
    if (!accounts.isEmpty()) {
      protocol
          .connections()
          .filter(
              connection ->
                  connection.attachment() instanceof Caller caller
                      && accounts.contains(caller.account().id()))
          .forEach(connection -> connection.send(JsonObjects.object().put("type", NEWS)));
    }
  }

  private void watchAnew(Set<Account> accounts) {
    if (accounts.isEmpty()) {
      return;
    }
    for (Account account : accounts) {
      List<ProtocolConnection> theirs =
          protocol.connections().filter(connection -> isOf(account, connection)).toList();
      if (!theirs.isEmpty()) {
        theirs.forEach(ContactWatch::forgetUsers);
        watch(account, theirs);
      }
    }
  }

  /** Whom one may write to by name is looked up anew. */
  private static void forgetUsers(ProtocolConnection connection) {
    if (connection.attachment() instanceof Caller caller) {
      caller.known().forgetUsers();
    }
  }

  private static boolean isOf(Account account, ProtocolConnection connection) {
    return connection.attachment() instanceof Caller caller
        && caller.identity().account().id() == account.id();
  }

  /**
   * Lets these connections of a user see the presence of the contacts. One at a time for each user,
   * so that what was read earlier never replaces what was read later.
   */
  void watch(Account account, List<ProtocolConnection> theirs) {
    synchronized (turns[Math.floorMod(account.id(), TURNS)]) {
      Set<UserId> known = watched(account);
      theirs.forEach(connection -> watch(connection, known));
    }
  }

  /** Whose presence events a user gets: the contacts, or as many of them as the engine watches. */
  private Set<UserId> watched(Account account) {
    return contacts.of(account).stream()
        .limit(ChatUser.MAX_USERS)
        .map(Account::userId)
        .collect(Collectors.toSet());
  }

  private static void watch(ProtocolConnection connection, Set<UserId> users) {
    ChatSession session = connection.session();
    if (session != null) {
      session
          .watchPresence(users)
          .thenAccept(
              presences ->
                  presences.stream()
                      .filter(Presence::online)
                      .map(PresenceChanged::new)
                      .forEach(online -> connection.send(WireJson.event(online))));
    }
  }
}
