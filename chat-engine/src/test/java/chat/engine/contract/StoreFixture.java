package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.Draft;
import chat.engine.spi.LastSeenStore;
import chat.engine.spi.MessageStore;
import chat.engine.spi.StoredMessage;
import chat.engine.spi.Write;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A store under test as one or more nodes see it, and the short ways in which tests use it.
 * Thread-safe.
 */
public final class StoreFixture implements AutoCloseable {
  private static final Duration MOST_LOCK_WAIT = Duration.ofSeconds(20);

  private final Supplier<MessageStore> opener;
  private final Deque<MessageStore> nodes = new ArrayDeque<>();
  private final MessageStore store;
  private final Drafts drafts = new Drafts();

  /**
   * @param opener opens the store as another node would, on the same data
   */
  public StoreFixture(Supplier<MessageStore> opener) {
    this.opener = opener;
    this.store = anotherNode();
  }

  public MessageStore store() {
    return store;
  }

  public ConversationStore conversations() {
    return store.conversations();
  }

  public LastSeenStore lastSeen() {
    return store.lastSeen();
  }

  public Drafts drafts() {
    return drafts;
  }

  /** The same data as another node sees it; closed with the fixture. */
  public MessageStore anotherNode() {
    MessageStore node = opener.get();
    synchronized (nodes) {
      nodes.push(node);
    }
    return node;
  }

  public UserId user(String name) {
    return drafts.user(name);
  }

  // ---- conversations

  /** A new group of an owner and plain members. */
  public ConversationId group(UserId owner, UserId... members) {
    Map<UserId, Role> roles = new HashMap<>();
    roles.put(owner, Role.OWNER);
    for (UserId member : members) {
      roles.put(member, Role.MEMBER);
    }
    return conversations()
        .createGroup(drafts.conversationId(), "a group", roles, drafts.now())
        .id();
  }

  public Conversation direct(UserId one, UserId other) {
    return conversations().openDirect(drafts.conversationId(), one, other, drafts.now());
  }

  /** Makes changes at the group's present rev; nobody else may change it meanwhile. */
  public List<ConversationChange> change(ConversationId group, Change... changes) {
    return conversations()
        .change(group, rev(group), List.of(changes), UserId.SYSTEM, drafts.now())
        .orElseThrow()
        .changes();
  }

  public static Change added(UserId... users) {
    return new Change(ConversationChange.Kind.ADDED, List.of(users), Role.MEMBER, null);
  }

  public static Change removed(UserId... users) {
    return new Change(ConversationChange.Kind.REMOVED, List.of(users), null, null);
  }

  public static Change roleSet(UserId user, Role role) {
    return new Change(ConversationChange.Kind.ROLE_SET, List.of(user), role, null);
  }

  public static Change renamed(String name) {
    return new Change(ConversationChange.Kind.RENAMED, List.of(), null, name);
  }

  /** Of the last change of the conversation itself. */
  public long rev(ConversationId conversation) {
    return conversations().members(conversation).orElseThrow().rev();
  }

  // ---- messages

  /** Stores a batch without waiting for locks. */
  public List<AppendOutcome> append(List<? extends Write> batch) {
    return store.append(batch, Duration.ZERO);
  }

  public AppendOutcome append(Write write) {
    List<AppendOutcome> outcomes = append(List.of(write));
    assertThat(outcomes).hasSize(1);
    return outcomes.get(0);
  }

  /** Sends that many plain texts, one batch, and gives them as they must now be stored. */
  public List<Message> send(ConversationId conversation, UserId sender, int count) {
    long before = store.lastSeqs(List.of(conversation)).getOrDefault(conversation, 0L);
    List<Draft> batch =
        IntStream.range(0, count)
            .mapToObj(i -> drafts.text(conversation, sender, "message " + i))
            .toList();
    assertThat(append(batch))
        .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(AppendOutcome.Stored.class));
    return IntStream.range(0, count)
        .mapToObj(i -> Drafts.stored(batch.get(i), before + i + 1))
        .toList();
  }

  /** All messages of a conversation. */
  public List<Message> messages(ConversationId conversation) {
    return after(store, conversation, 0, Integer.MAX_VALUE);
  }

  /** {@link MessageStore#after} without the revs. */
  public static List<Message> after(
      MessageStore node, ConversationId conversation, long afterSeq, int limit) {
    return node.after(conversation, afterSeq, limit).stream().map(StoredMessage::message).toList();
  }

  /**
   * Stores a batch while others hold some of its conversations: as the engine does, first without
   * waiting, then what was locked with the others of its conversation, waiting.
   */
  public static List<AppendOutcome> appendWaiting(MessageStore node, List<? extends Write> batch) {
    List<AppendOutcome> outcomes = new ArrayList<>(node.append(batch, Duration.ZERO));
    Map<ConversationId, List<Integer>> locked = new HashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      if (outcomes.get(i) instanceof AppendOutcome.Locked) {
        locked.computeIfAbsent(batch.get(i).conversation(), none -> new ArrayList<>()).add(i);
      }
    }
    for (List<Integer> ofOneConversation : locked.values()) {
      List<Write> again = ofOneConversation.stream().<Write>map(batch::get).toList();
      List<AppendOutcome> settled = node.append(again, MOST_LOCK_WAIT);
      for (int i = 0; i < settled.size(); i++) {
        outcomes.set(ofOneConversation.get(i), settled.get(i));
      }
    }
    return outcomes;
  }

  @Override
  public void close() {
    synchronized (nodes) {
      while (!nodes.isEmpty()) {
        nodes.pop().close();
      }
    }
  }
}
