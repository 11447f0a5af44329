package chat.engine.examples.faultcheck.node;

import chat.engine.ConversationChange;
import chat.engine.UserId;
import chat.engine.bot.Bot;
import chat.engine.event.ChatEvent;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.PreferencesChanged;
import chat.engine.event.PresenceChanged;
import chat.engine.event.ReactionChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.feed.FeedConsumer;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * A deliberate fault of a node, to see that the checker catches it. Some are wrapped around what
 * the engine is built from ({@link SabotagedParts}, {@link SabotagedRules}), or what it follows
 * ({@link SabotagedFeeds}), the others around what its sessions are told. Thread-safe.
 */
final class Sabotage {
  /** Kinds of sabotage; on the command line in lower case with dashes. */
  enum Kind {
    NONE,
    /** Sends are acknowledged that were never stored. */
    ACK_WITHOUT_STORING,
    /** Retries are stored again. */
    FORGET_CLIENT_IDS,
    /** Envelopes are lost, and the comparison with the store finds nothing. */
    DROP_ENVELOPES,
    /** Reads do not show the newest messages. */
    LAGGING_READS,
    /** Ids come twice. */
    REPEAT_IDS,
    /** Two messages of a stream change places. */
    REORDER,
    /** Other sessions of the node are told messages too. */
    LEAK,
    /** Receipts go back. */
    BACKWARD_RECEIPTS,
    /** Changes of groups are told under another name of the group. */
    WRONG_NAMES,
    /** That a conversation is deleted is not told. */
    FORGET_DELETIONS,
    /** That messages are edited or deleted is not told. */
    FORGET_EDITS,
    /** That somebody reacts to a message is not told. */
    FORGET_REACTIONS,
    /** That the user sees a conversation differently is not told. */
    FORGET_PREFERENCES,
    /** Unread mentions are not counted. */
    FORGET_MENTIONS,
    /** Bans and silences end at once. */
    FORGET_RESTRICTIONS,
    /** Blocks are acknowledged that were never stored. */
    FORGET_BLOCKS,
    /** That messages are pinned and unpinned is not told. */
    FORGET_PINS,
    /** Any number of users join by an invite, also by a revoked one. */
    FORGET_INVITE_LIMITS,
    /** Only the first send of a member in slow mode waits. */
    FORGET_SLOW_MODE,
    /** Some edits keep nothing of what they replace. */
    FORGET_VERSIONS,
    /** Who joined later reads what was said before. */
    SHOW_PAST,
    /** Everybody is shown where a message was forwarded from. */
    SHOW_ORIGINS,
    /** Messages are kept for always. */
    FORGET_EXPIRY,
    /** What erased users wrote stays. */
    FORGET_ERASURES,
    /** Feeds leave out some messages. */
    SKIP_ENTRIES,
    /** Feeds deliver what they have backwards. */
    REVERSE_ENTRIES,
    /** Bots say everything twice. */
    ANSWER_TWICE,
    /** Bots do not come to an end. */
    LEAVE_UNFINISHED,
    /** That users come online is not told. */
    FORGET_PRESENCE,
    /** Memory is held until there is none. */
    HOARD
  }

  private static final int HOARDED_BYTES = 256 * 1024;

  private final Kind kind;
  private final Map<NodeConnection, Consumer<String>> sessions = new ConcurrentHashMap<>();
  private final Map<NodeConnection, String> heldBack = new ConcurrentHashMap<>();
  private final Map<Object, byte[]> hoard = new ConcurrentHashMap<>();

  private Sabotage(Kind kind) {
    this.kind = kind;
  }

  static Sabotage named(String name) {
    String wanted = name.toUpperCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(Kind.values())
        .filter(kind -> kind.name().equals(wanted))
        .findFirst()
        .map(Sabotage::new)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no sabotage is called "
                        + name
                        + "; there are "
                        + Arrays.stream(Kind.values())
                            .map(kind -> kind.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                            .collect(Collectors.joining(", "))));
  }

  MessageStore store(MessageStore store) {
    return switch (kind) {
      case ACK_WITHOUT_STORING -> SabotagedParts.ackWithoutStoring(store);
      case FORGET_CLIENT_IDS -> SabotagedParts.forgetClientIds(store);
      case DROP_ENVELOPES -> SabotagedParts.hideWrites(store);
      case LAGGING_READS -> SabotagedParts.laggingReads(store);
      case FORGET_MENTIONS -> SabotagedRules.forgetMentions(store);
      case FORGET_RESTRICTIONS -> SabotagedRules.forgetRestrictions(store);
      case FORGET_BLOCKS -> SabotagedRules.forgetBlocks(store);
      case FORGET_INVITE_LIMITS -> SabotagedRules.forgetInviteLimits(store);
      case FORGET_SLOW_MODE -> SabotagedRules.forgetSlowMode(store);
      case FORGET_VERSIONS -> SabotagedRules.forgetVersions(store);
      case SHOW_PAST -> SabotagedRules.showPast(store);
      case SHOW_ORIGINS -> SabotagedRules.showOrigins(store);
      case FORGET_EXPIRY -> SabotagedRules.forgetExpiry(store);
      case FORGET_ERASURES -> SabotagedRules.forgetErasures(store);
      case SKIP_ENTRIES -> SabotagedFeeds.skipEntries(store);
      default -> store;
    };
  }

  Router router(Router router) {
    return kind == Kind.DROP_ENVELOPES ? SabotagedParts.dropEnvelopes(router) : router;
  }

  IdGenerator ids(IdGenerator ids) {
    return kind == Kind.REPEAT_IDS ? SabotagedParts.repeatIds(ids) : ids;
  }

  FeedConsumer audit(FeedConsumer consumer) {
    return kind == Kind.REVERSE_ENTRIES ? SabotagedFeeds.reverseEntries(consumer) : consumer;
  }

  Map<UserId, Bot> bots(Map<UserId, Bot> bots) {
    return switch (kind) {
      case ANSWER_TWICE -> SabotagedFeeds.answerTwice(bots);
      case LEAVE_UNFINISHED -> SabotagedFeeds.leaveUnfinished(bots);
      default -> bots;
    };
  }

  /** Tells a session of an event, or does not. */
  void tell(NodeConnection session, ChatEvent event, String line, Consumer<String> out) {
    sessions.put(session, out);
    switch (kind) {
      case REORDER -> reorder(session, event, line, out);
      case LEAK -> {
        out.accept(line);
        if (event instanceof MessageReceived && now()) {
          sessions.values().forEach(other -> other.accept(line));
        }
      }
      case BACKWARD_RECEIPTS -> {
        out.accept(line);
        if (event instanceof ReceiptMoved moved && moved.seq() > 1 && now()) {
          out.accept(
              EventLines.of(
                  new ReceiptMoved(
                      moved.conversation(), moved.user(), moved.kind(), moved.seq() - 1)));
        }
      }
      case WRONG_NAMES ->
          out.accept(event instanceof ConversationChanged ? line.replace("group", "crowd") : line);
      case FORGET_DELETIONS -> {
        if (!(event instanceof ConversationChanged changed) || !isDeletion(changed)) {
          out.accept(line);
        }
      }
      case FORGET_EDITS -> {
        if (!(event instanceof MessageChanged)) {
          out.accept(line);
        }
      }
      case FORGET_REACTIONS -> {
        if (!(event instanceof ReactionChanged)) {
          out.accept(line);
        }
      }
      case FORGET_PINS -> {
        if (!(event instanceof ConversationChanged changed) || !isPin(changed)) {
          out.accept(line);
        }
      }
      case FORGET_PREFERENCES -> {
        if (!(event instanceof PreferencesChanged)) {
          out.accept(line);
        }
      }
      case FORGET_PRESENCE -> {
        if (!(event instanceof PresenceChanged changed) || !changed.presence().online()) {
          out.accept(line);
        }
      }
      case HOARD -> {
        hoard.put(new Object(), new byte[HOARDED_BYTES]);
        out.accept(line);
      }
      default -> out.accept(line);
    }
  }

  private static boolean isPin(ConversationChanged changed) {
    ConversationChange change = changed.change();
    return change != null && change.kind().isOfPin();
  }

  private static boolean isDeletion(ConversationChanged changed) {
    ConversationChange change = changed.change();
    return change != null && change.kind() == ConversationChange.Kind.DELETED;
  }

  private void reorder(NodeConnection session, ChatEvent event, String line, Consumer<String> out) {
    String before = heldBack.remove(session);
    if (before == null && event instanceof MessageReceived && now()) {
      heldBack.put(session, line);
      return;
    }
    out.accept(line);
    if (before != null) {
      out.accept(before);
    }
  }

  static boolean now() {
    return ThreadLocalRandom.current().nextInt(8) == 0;
  }
}
