package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.ReactionChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.SessionStream;
import chat.engine.internal.session.SharedEvent;
import chat.engine.internal.session.UserSessions;
import chat.engine.spi.StoredMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the messages and changes of one conversation in order and hands them to the sessions of this
 * node.
 *
 * <p>Two logs run through it: messages by seq, and the changes of the conversation and of its
 * messages by rev. A change has its place among the messages ({@code atSeq}), and a message is
 * delivered only when every change up to the rev that it was committed under has been applied here,
 * so that nothing reaches a member who was removed before it. That rev comes with the message, from
 * its node or from the store. What arrives early waits; what does not arrive is read from the
 * store; what arrives twice is dropped.
 *
 * <p>A deletion ends the feed at once, whatever it misses: that is gone from the store, and nobody
 * may see it any more.
 *
 * <p>The feed only caches where the sessions stand (each session knows that itself), so it may
 * start anywhere, be set back, or be dropped. Owned by the thread of its shard.
 */
final class ConversationFeed {
  private static final long NOT_BEHIND = Long.MAX_VALUE;
  private static final int MAX_WAITING_CHANGES = 1024;

  /** Fewer, since they hold messages. */
  private static final int MAX_WAITING_MESSAGE_CHANGES = 64;

  private static final int MAX_WAITING_TASKS = 1024;

  private final SessionContext context;
  private final SessionRegistry registry;
  private final Consumer<ConversationFeed> repairer;

  /** Members of a group that are connected here; a direct conversation looks its two users up. */
  private final List<UserSessions> locals = new ArrayList<>(1);

  /** Those of them who were added while this feed was open, with the rev of that. */
  private final Map<UserId, Long> joined = new HashMap<>(0);

  private final ReorderBuffer waiting;
  private final TreeMap<Long, ConversationChange> waitingChanges = new TreeMap<>();
  private final ArrayDeque<Runnable> waitingForMembers = new ArrayDeque<>(0);
  private Conversation conversation;
  private long head;
  private long rev;

  /** Of the last change of the conversation itself that was applied here, or before this feed. */
  private long membersRev;

  private long knownHead;
  private long knownRev;
  private boolean repairing;
  private int fruitlessRepairs;

  /** Whether the conversation was deleted; then nothing is delivered any more. */
  private boolean ended;

  /**
   * @param head seq of the last message that need not be delivered
   * @param rev of the last change that need not be applied
   * @param repairer told when something is missing; calls {@link #repaired} or {@link
   *     #repairFailed} later
   */
  ConversationFeed(
      Conversation conversation,
      long head,
      long rev,
      SessionContext context,
      SessionRegistry registry,
      ReorderBuffer.Budget budget,
      Consumer<ConversationFeed> repairer) {
    this.conversation = conversation;
    this.head = head;
    this.rev = rev;
    this.membersRev = rev;
    this.knownHead = head;
    this.knownRev = rev;
    this.context = context;
    this.registry = registry;
    this.waiting = new ReorderBuffer(budget);
    this.repairer = repairer;
  }

  Conversation conversation() {
    return conversation;
  }

  long head() {
    return head;
  }

  long rev() {
    return rev;
  }

  /** At this rev at the latest, the members were last changed by a change that is applied here. */
  long membersRev() {
    return membersRev;
  }

  boolean lacksChanges() {
    return rev < knownRev;
  }

  boolean lacksMessages() {
    return head < knownHead;
  }

  boolean hasNoLocals() {
    return locals.isEmpty();
  }

  boolean isIdle() {
    return !repairing && waiting.isEmpty() && waitingChanges.isEmpty();
  }

  void enter(UserSessions user) {
    if (user.enterGroup(conversation.id())) {
      locals.add(user);
    }
  }

  void leave(UserSessions user) {
    if (user.leaveGroup(conversation.id())) {
      locals.remove(user);
      joined.remove(user.user());
    }
  }

  /** Whether a membership that began with this rev is known to be followed by another one. */
  boolean hasJoinedAfter(UserId user, long joinedRev) {
    return joinedRev < joined.getOrDefault(user, 0L);
  }

  // ---- what arrives

  void offer(Message message, long membersRev) {
    if (message.seq() <= head || ended) {
      return;
    }
    knownHead = Math.max(knownHead, message.seq());
    knownRev = Math.max(knownRev, membersRev);
    if (message.seq() == head + 1 && membersRev <= rev) {
      deliver(message);
      drainWaiting();
    } else {
      waiting.add(new StoredMessage(message, membersRev));
    }
    repairIfBehind();
  }

  void offer(ConversationChange change) {
    if (change.rev() <= rev || ended) {
      return;
    }
    if (change.kind() == ConversationChange.Kind.DELETED) {
      end(change);
      return;
    }
    knownRev = Math.max(knownRev, change.rev());
    knownHead = Math.max(knownHead, change.atSeq());
    int most = change.message() == null ? MAX_WAITING_CHANGES : MAX_WAITING_MESSAGE_CHANGES;
    if (waitingChanges.size() < most || change.rev() == rev + 1) {
      waitingChanges.put(change.rev(), change);
    }
    drainWaiting();
    repairIfBehind();
  }

  /** Learns how far the store is at least. */
  void observe(long committedHead, long committedRev) {
    knownHead = Math.max(knownHead, committedHead);
    knownRev = Math.max(knownRev, committedRev);
    repairIfBehind();
  }

  /** Delivers again what lies above the seq; sessions that have it ignore it. */
  void rewind(long seq) {
    if (seq < head && !ended) {
      head = seq;
      repairIfBehind();
    }
  }

  /**
   * Delivers the changes of a direct conversation above the rev again, all of which are of
   * messages; sessions that have them ignore them. The feed of a group has them all, since its
   * sessions enter it before they load their cursors.
   */
  void rewindChanges(long toRev) {
    if (conversation.kind() == ConversationKind.DIRECT && toRev < rev && !ended) {
      rev = toRev;
      repairIfBehind();
    }
  }

  /** Whether every change of the membership that this node knows of has been applied. */
  boolean knowsMembers() {
    return rev >= knownRev;
  }

  /** Runs a task once {@link #knowsMembers} holds; the eldest are dropped if too many wait. */
  void whenMembersAreKnown(Runnable task) {
    if (waitingForMembers.size() >= MAX_WAITING_TASKS) {
      waitingForMembers.removeFirst();
    }
    waitingForMembers.add(task);
  }

  private void runWaitingTasks() {
    while (knowsMembers() && !waitingForMembers.isEmpty()) {
      waitingForMembers.removeFirst().run();
    }
  }

  void deliverEphemeral(
      ChatEvent event, @Nullable Session except, int mostRecipients, UserId about) {
    if (ended) {
      return;
    }
    List<UserSessions> recipients = recipients();
    boolean everybody = recipients.size() <= mostRecipients;
    SharedEvent shared = context.outgoing(event, conversation.kind());
    SharedEvent withoutRead = null;
    for (UserSessions user : recipients) {
      boolean own = user.user().equals(about);
      SharedEvent shown = shared;
      if (!own && isRead(event) && !user.seesReads()) {
        if (withoutRead == null) {
          withoutRead = context.outgoing(received((ReceiptMoved) event), conversation.kind());
        }
        shown = withoutRead;
      }
      if (everybody || own) {
        for (Session session : user.sessions()) {
          if (session != except) {
            session.offerIn(conversation.id(), shown);
          }
        }
      }
    }
  }

  private static boolean isRead(ChatEvent event) {
    return event instanceof ReceiptMoved moved && moved.kind() == ReceiptKind.READ;
  }

  /** What is shown instead to one who sees nobody's read receipts. */
  private static ReceiptMoved received(ReceiptMoved read) {
    return new ReceiptMoved(read.conversation(), read.user(), ReceiptKind.RECEIVED, read.seq());
  }

  // ---- order

  private void drainWaiting() {
    boolean moved = true;
    while (moved) {
      moved = false;
      ConversationChange change = waitingChanges.get(rev + 1);
      if (change != null && change.atSeq() <= head) {
        waitingChanges.remove(change.rev());
        apply(change);
        moved = true;
      }
      StoredMessage next = waiting.get(head + 1);
      if (next != null && next.membersRev() <= rev) {
        deliver(next.message());
        moved = true;
      }
    }
    waiting.dropUpTo(head);
    runWaitingTasks();
  }

  private void deliver(Message message) {
    head = message.seq();
    context.metrics().delivering(message);
    SharedEvent shared = context.outgoing(new MessageReceived(message), conversation.kind());
    long behind = NOT_BEHIND;
    if (conversation.kind() == ConversationKind.GROUP) {
      for (int i = 0; i < locals.size(); i++) {
        behind = Math.min(behind, deliverTo(locals.get(i), message, shared));
      }
    } else {
      for (UserId peer : conversation.peers()) {
        UserSessions user = registry.find(peer);
        behind = user == null ? behind : Math.min(behind, deliverTo(user, message, shared));
      }
    }
    if (behind != NOT_BEHIND) {
      rewind(behind);
    }
  }

  private static long deliverTo(UserSessions user, Message message, SharedEvent shared) {
    long behind = NOT_BEHIND;
    for (Session session : user.sessions()) {
      long missingAfter = session.offerMessage(message, shared);
      if (missingAfter != SessionStream.NO_GAP) {
        behind = Math.min(behind, missingAfter);
      }
    }
    return behind;
  }

  private void apply(ConversationChange change) {
    rev = change.rev();
    if (change.kind() == ConversationChange.Kind.MESSAGE_REACTED) {
      show(new ReactionChanged(conversation, change), recipients());
      return;
    }
    if (change.kind().isOfPin() || change.kind().isOfHistory()) {
      show(new ConversationChanged(conversation, change), recipients());
      return;
    }
    if (change.kind().isOfMessage()) {
      Message message = change.message();
      if (message != null) {
        show(new MessageChanged(conversation, message, change), recipients());
      } else { // it was taken out of the store by hand
        recipients().forEach(user -> List.of(user.sessions()).forEach(Session::resync));
      }
      return;
    }
    membersRev = rev;
    conversation = change.applyTo(conversation);
    if (change.kind() == ConversationChange.Kind.PEER_REPLACED) {
      show(new ConversationChanged(conversation, change), recipients());
      return;
    }
    List<UserSessions> affected = new ArrayList<>(1);
    for (UserId subject : change.subjects()) {
      UserSessions here = registry.find(subject);
      if (here != null) {
        affected.add(here);
      }
    }
    if (change.kind() == ConversationChange.Kind.ADDED) {
      affected.forEach(this::enter);
      affected.forEach(user -> joined.put(user.user(), change.rev()));
    }
    show(new ConversationChanged(conversation, change), locals);
    if (change.kind() == ConversationChange.Kind.REMOVED) {
      affected.forEach(this::leave);
    }
  }

  /** The conversation was deleted: tells its members, who are out of it then. */
  private void end(ConversationChange deletion) {
    ended = true;
    rev = Math.max(rev, deletion.rev());
    knownRev = rev;
    head = Math.max(head, deletion.atSeq());
    knownHead = head;
    waiting.dropUpTo(Long.MAX_VALUE);
    waitingChanges.clear();
    waitingForMembers.clear();
    show(new ConversationChanged(conversation, deletion), recipients());
    List.copyOf(locals).forEach(this::leave);
  }

  private void show(ChatEvent event, List<UserSessions> to) {
    SharedEvent shared = context.outgoing(event, conversation.kind());
    for (UserSessions user : to) {
      for (Session session : user.sessions()) {
        session.offerChange(shared);
      }
    }
  }

  private List<UserSessions> recipients() {
    if (conversation.kind() == ConversationKind.GROUP) {
      return locals;
    }
    List<UserSessions> found = new ArrayList<>(2);
    for (UserId peer : conversation.peers()) {
      UserSessions user = registry.find(peer);
      if (user != null) {
        found.add(user);
      }
    }
    return found;
  }

  // ---- repair

  private void repairIfBehind() {
    if (!repairing && isBehind()) {
      repairing = true;
      repairer.accept(this);
    }
  }

  private boolean isBehind() {
    return !ended && (lacksMessages() || lacksChanges());
  }

  /**
   * Whether the scheduled repair is still needed when its time has come; if not, it is called off.
   */
  boolean confirmRepair() {
    skipWhatNobodyNeeds();
    if (isBehind()) {
      return true;
    }
    repairing = false;
    return false;
  }

  /**
   * Moves the head to the lowest place where a session stands, so that a node that was away for
   * long does not read what its sessions have synced over meanwhile, or have to sync over.
   */
  private void skipWhatNobodyNeeds() {
    if (rev < knownRev || head >= knownHead) {
      return;
    }
    long needed = knownHead;
    for (UserSessions user : recipients()) {
      for (Session session : user.sessions()) {
        needed =
            Math.min(needed, session.neededAfter(conversation.id(), conversation.kind(), head));
      }
    }
    if (needed > head) {
      head = needed;
      drainWaiting();
    }
  }

  /** Takes what the store had above the head and the rev, nothing of which has expired. */
  void repaired(List<StoredMessage> messages, List<ConversationChange> changes) {
    repaired(messages, changes, 1);
  }

  /**
   * Takes what the store had above the head and the rev.
   *
   * @param firstSeq the lowest seq from which on the store has messages, or any below it
   */
  void repaired(List<StoredMessage> messages, List<ConversationChange> changes, long firstSeq) {
    long headBefore = head;
    long revBefore = rev;
    skipExpired(firstSeq);
    for (ConversationChange change : changes) {
      if (change.kind() == ConversationChange.Kind.DELETED && !ended) {
        end(change);
      } else if (change.rev() > rev && !ended) {
        waitingChanges.put(change.rev(), change);
        knownRev = Math.max(knownRev, change.rev());
      }
    }
    for (StoredMessage stored : messages) {
      if (stored.message().seq() > head && !ended) {
        waiting.put(stored);
        knownHead = Math.max(knownHead, stored.message().seq());
        knownRev = Math.max(knownRev, stored.membersRev());
      }
    }
    drainWaiting();
    repairing = false;
    fruitlessRepairs = head == headBefore && rev == revBefore ? fruitlessRepairs + 1 : 0;
    repairIfBehind();
  }

  /**
   * Moves the head past messages that have expired before this node read them. Nobody will ever get
   * them, so sessions that stand below them have to sync.
   */
  private void skipExpired(long firstSeq) {
    if (ended || firstSeq <= head + 1) {
      return;
    }
    for (UserSessions user : recipients()) {
      for (Session session : user.sessions()) {
        if (session.neededAfter(conversation.id(), conversation.kind(), head) < firstSeq - 1) {
          session.resync();
        }
      }
    }
    head = firstSeq - 1;
  }

  void repairFailed() {
    fruitlessRepairs++;
    repairing = false;
    repairIfBehind();
  }

  /** How many repairs in a row brought nothing; the next one waits the longer. */
  int fruitlessRepairs() {
    return fruitlessRepairs;
  }

  /** Whether the next repair continues one that brought something, and so need not wait. */
  boolean isCatchingUp() {
    return fruitlessRepairs == 0 && knownHead - head > waiting.size();
  }
}
