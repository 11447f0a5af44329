package chat.engine.internal.feed;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationKind;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.internal.session.Cursors;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionContext;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.SessionStream;
import chat.engine.internal.session.SharedEvent;
import chat.engine.internal.session.UserSessions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the messages and changes of one conversation in order and hands them to the sessions of this
 * node.
 *
 * <p>Two logs run through it: messages by seq, and the changes of a group by rev. A change has its
 * place among the messages ({@code atSeq}), and a message is delivered only once the membership
 * that it was committed under is known here, so that nothing reaches a member who was removed
 * before it. What comes early waits; what does not come is read from the store; what comes twice is
 * dropped.
 *
 * <p>The feed is only a cache of where the sessions stand (each knows that itself, see {@link
 * Cursors}), so it may start anywhere, be set back, or be forgotten. Owned by the thread of its
 * stripe.
 */
final class ConversationFeed {
  private static final int MAX_WAITING = 1024;
  private static final long NOT_BEHIND = Long.MAX_VALUE;

  /** A message with the rev of the membership that it was committed under. */
  record Sequenced(Message message, long membersRev) {}

  private final SessionContext context;
  private final SessionRegistry registry;
  private final Consumer<ConversationFeed> repairer;

  /** Members of a group that are connected here; a direct conversation looks its two users up. */
  private final List<UserSessions> locals = new ArrayList<>(1);

  private final TreeMap<Long, Sequenced> waiting = new TreeMap<>();
  private final TreeMap<Long, ConversationChange> waitingChanges = new TreeMap<>();
  private Conversation conversation;
  private long head;
  private long rev;
  private long knownHead;
  private long knownRev;
  private boolean repairing;
  private int fruitlessRepairs;

  ConversationFeed(
      Conversation conversation,
      long head,
      long rev,
      SessionContext context,
      SessionRegistry registry,
      Consumer<ConversationFeed> repairer) {
    this.conversation = conversation;
    this.head = head;
    this.rev = rev;
    this.knownHead = head;
    this.knownRev = rev;
    this.context = context;
    this.registry = registry;
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
    }
  }

  // ---- what arrives

  void offer(Message message, long membersRev) {
    if (message.seq() <= head) {
      return;
    }
    knownHead = Math.max(knownHead, message.seq());
    knownRev = Math.max(knownRev, membersRev);
    if (message.seq() == head + 1 && membersRev <= rev) {
      deliver(message);
      drainWaiting();
    } else if (waiting.size() < MAX_WAITING || message.seq() < waiting.lastKey()) {
      waiting.put(message.seq(), new Sequenced(message, membersRev));
      if (waiting.size() > MAX_WAITING) {
        waiting.pollLastEntry();
      }
    }
    repairIfBehind();
  }

  void offer(ConversationChange change) {
    if (change.rev() <= rev) {
      return;
    }
    knownRev = Math.max(knownRev, change.rev());
    knownHead = Math.max(knownHead, change.atSeq());
    if (waitingChanges.size() < MAX_WAITING) {
      waitingChanges.put(change.rev(), change);
    }
    drainWaiting();
    repairIfBehind();
  }

  /** Learns how far the store is. */
  void observe(long committedHead, long committedRev) {
    knownHead = Math.max(knownHead, committedHead);
    knownRev = Math.max(knownRev, committedRev);
    repairIfBehind();
  }

  /** Delivers again what lies above the seq; sessions that have it ignore it. */
  void rewind(long seq) {
    if (seq < head) {
      head = seq;
      repairIfBehind();
    }
  }

  void deliverEphemeral(
      ChatEvent event, @Nullable Session except, int mostRecipients, UserId about) {
    List<UserSessions> recipients = recipients();
    boolean everybody = recipients.size() <= mostRecipients;
    SharedEvent outgoing = context.outgoing(event);
    for (UserSessions user : recipients) {
      if (everybody || user.user().equals(about)) {
        for (Session session : user.sessions()) {
          if (session != except) {
            session.offer(outgoing);
          }
        }
      }
    }
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
      Sequenced next = waiting.get(head + 1);
      if (next != null && next.membersRev() <= rev) {
        waiting.remove(next.message().seq());
        deliver(next.message());
        moved = true;
      }
    }
    waiting.headMap(head, true).clear();
    waitingChanges.headMap(rev, true).clear();
  }

  private void deliver(Message message) {
    head = message.seq();
    context.metrics().delivering(message);
    SharedEvent outgoing = context.outgoing(new MessageReceived(message), conversation.kind());
    long behind = NOT_BEHIND;
    if (conversation.kind() == ConversationKind.GROUP) {
      for (int i = 0; i < locals.size(); i++) {
        behind = Math.min(behind, deliverTo(locals.get(i), message, outgoing));
      }
    } else {
      for (UserId peer : conversation.peers()) {
        UserSessions user = registry.find(peer);
        behind = user == null ? behind : Math.min(behind, deliverTo(user, message, outgoing));
      }
    }
    if (behind != NOT_BEHIND) {
      rewind(behind);
    }
  }

  private static long deliverTo(UserSessions user, Message message, SharedEvent outgoing) {
    long behind = NOT_BEHIND;
    for (Session session : user.sessions()) {
      long missingAfter = session.offerMessage(message, outgoing);
      if (missingAfter != SessionStream.NO_GAP) {
        behind = Math.min(behind, missingAfter);
      }
    }
    return behind;
  }

  private void apply(ConversationChange change) {
    rev = change.rev();
    if (change.kind() == ConversationChange.Kind.RENAMED) {
      conversation =
          Conversation.group(
              conversation.id(), Objects.requireNonNull(change.name()), conversation.createdAt());
    }
    UserId subject = change.subject();
    UserSessions affected = subject == null ? null : registry.find(subject);
    if (affected != null && change.kind() == ConversationChange.Kind.ADDED) {
      enter(affected);
    }
    ConversationChanged event = new ConversationChanged(conversation, change);
    SharedEvent outgoing = context.outgoing(event);
    for (UserSessions user : locals) {
      for (Session session : user.sessions()) {
        session.offerChange(event, outgoing);
      }
    }
    if (affected != null && change.kind() == ConversationChange.Kind.REMOVED) {
      leave(affected);
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
    if (!repairing && (head < knownHead || rev < knownRev)) {
      repairing = true;
      repairer.accept(this);
    }
  }

  /**
   * Whether the scheduled repair is still needed when its time has come; if not, it is called off.
   */
  boolean confirmRepair() {
    if (head < knownHead || rev < knownRev) {
      return true;
    }
    repairing = false;
    return false;
  }

  /** Takes what the store had above the head and the rev: messages first read, then changes. */
  void repaired(List<Message> messages, List<ConversationChange> changes) {
    long headBefore = head;
    long revBefore = rev;
    for (ConversationChange change : changes) {
      if (change.rev() > rev) {
        waitingChanges.put(change.rev(), change);
        knownRev = Math.max(knownRev, change.rev());
      }
    }
    for (Message message : messages) {
      if (message.seq() > head) {
        waiting.put(message.seq(), new Sequenced(message, revBefore(message.seq())));
        knownHead = Math.max(knownHead, message.seq());
      }
    }
    drainWaiting();
    repairing = false;
    fruitlessRepairs = head == headBefore && rev == revBefore ? fruitlessRepairs + 1 : 0;
    repairIfBehind();
  }

  void repairFailed() {
    fruitlessRepairs++;
    repairing = false;
    repairIfBehind();
  }

  /** How many repairs in a row brought nothing; the next one waits the longer for it. */
  int fruitlessRepairs() {
    return fruitlessRepairs;
  }

  /** The rev that a message of this seq was committed under, as the changes that wait here tell. */
  private long revBefore(long seq) {
    long last = rev;
    for (ConversationChange change : waitingChanges.values()) {
      if (change.atSeq() < seq) {
        last = Math.max(last, change.rev());
      }
    }
    return last;
  }
}
