package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.session.LocalSessions;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.spi.StoredMessage;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** The reads of a store, over what the test committed; as many of them fail as it says. */
final class PlayedStore {
  final AtomicInteger failures = new AtomicInteger();

  /** The names of the methods that were called. */
  final Queue<String> calls = new ConcurrentLinkedQueue<>();

  private final Map<ConversationId, TreeMap<Long, StoredMessage>> messages = new HashMap<>();
  private final Map<ConversationId, TreeMap<Long, ConversationChange>> changes = new HashMap<>();
  private final Map<ConversationId, Conversation> conversations = new HashMap<>();
  private final Map<ConversationId, List<Member>> members = new HashMap<>();
  private final Map<ConversationId, Map<UserId, Receipt>> receipts = new HashMap<>();

  synchronized void add(Conversation conversation, Member... founders) {
    conversations.put(conversation.id(), conversation);
    members.put(conversation.id(), new ArrayList<>(List.of(founders)));
  }

  static Member member(UserId user, long joinedSeq, long joinedRev) {
    return new Member(user, Role.MEMBER, Instant.EPOCH, joinedSeq, joinedRev, 0, 0);
  }

  synchronized Message commit(ConversationId id, long seq, UserId from, long membersRev) {
    Message message = LocalSessions.message(id, seq, from);
    messages
        .computeIfAbsent(id, unused -> new TreeMap<>())
        .put(seq, new StoredMessage(message, membersRev));
    return message;
  }

  /** Everything below a seq that is not there yet. */
  synchronized void fill(ConversationId id, long below, UserId from) {
    for (long seq = 1; seq < below; seq++) {
      if (!messages.computeIfAbsent(id, unused -> new TreeMap<>()).containsKey(seq)) {
        commit(id, seq, from, 0);
      }
    }
  }

  synchronized ConversationChange commit(ConversationChange change) {
    ConversationId id = change.conversation();
    changes.computeIfAbsent(id, unused -> new TreeMap<>()).put(change.rev(), change);
    List<Member> now = members.computeIfAbsent(id, unused -> new ArrayList<>());
    switch (change.kind()) {
      case ADDED ->
          change.subjects().forEach(user -> now.add(member(user, change.atSeq(), change.rev())));
      case REMOVED -> now.removeIf(member -> change.subjects().contains(member.user()));
      case ROLE_SET, RENAMED -> {}
    }
    return change;
  }

  synchronized void move(ConversationId id, UserId user, long readSeq, long receivedSeq) {
    receipts
        .computeIfAbsent(id, unused -> new HashMap<>())
        .put(user, new Receipt(id, user, readSeq, receivedSeq));
  }

  private long rev(ConversationId id) {
    TreeMap<Long, ConversationChange> log = changes.get(id);
    return log == null ? 0 : log.lastKey();
  }

  private long lastSeq(ConversationId id) {
    TreeMap<Long, StoredMessage> log = messages.get(id);
    return log == null ? 0 : log.lastKey();
  }

  MessageStore asStore() {
    ConversationStore conversationStore = conversationStore();
    return (MessageStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {MessageStore.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "after" ->
                      read(
                          "after",
                          () ->
                              page(
                                  messages.get((ConversationId) arguments[0]),
                                  (long) arguments[1],
                                  (int) arguments[2]));
                  case "conversations" -> conversationStore;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  @SuppressWarnings("unchecked")
  ConversationStore conversationStore() {
    return (ConversationStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ConversationStore.class},
            (proxy, method, arguments) ->
                read(
                    method.getName(),
                    () ->
                        switch (method.getName()) {
                          case "changes" ->
                              page(
                                  changes.get((ConversationId) arguments[0]),
                                  (long) arguments[1],
                                  (int) arguments[2]);
                          case "find" -> find((Collection<ConversationId>) arguments[0]);
                          case "members" ->
                              Optional.ofNullable(members.get((ConversationId) arguments[0]))
                                  .map(
                                      list ->
                                          new MemberList(
                                              rev((ConversationId) arguments[0]),
                                              List.copyOf(list)));
                          case "receipts" ->
                              receipts((Map<ConversationId, Set<UserId>>) arguments[0]);
                          default -> throw new UnsupportedOperationException(method.getName());
                        }));
  }

  private interface Read {
    Object make();
  }

  private synchronized Object read(String name, Read read) {
    calls.add(name);
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new StoreUnavailableException("away, on purpose", null);
    }
    return read.make();
  }

  private static <T> List<T> page(TreeMap<Long, T> log, long after, int limit) {
    return log == null
        ? List.of()
        : log.tailMap(after, false).values().stream().limit(limit).toList();
  }

  private Map<ConversationId, Found> find(Collection<ConversationId> ids) {
    Map<ConversationId, Found> found = new HashMap<>();
    for (ConversationId id : ids) {
      Conversation conversation = conversations.get(id);
      if (conversation != null) {
        found.put(id, new Found(conversation, rev(id), lastSeq(id)));
      }
    }
    return found;
  }

  private List<Receipt> receipts(Map<ConversationId, Set<UserId>> asked) {
    List<Receipt> found = new ArrayList<>();
    asked.forEach(
        (id, users) ->
            users.forEach(
                user -> {
                  Receipt receipt = receipts.getOrDefault(id, Map.of()).get(user);
                  if (receipt != null) {
                    found.add(receipt);
                  }
                }));
    return found;
  }
}
