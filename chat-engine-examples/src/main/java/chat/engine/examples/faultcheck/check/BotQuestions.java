package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.check.evidence.Op;
import chat.engine.examples.faultcheck.check.rule.ErasedUsers;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which messages ask a bot: all of others in a direct conversation with it, and in groups those
 * that mention it. A bot is asked a message as it is then, so one that was edited or deleted may
 * have asked, or not. Not changed after it was made.
 */
final class BotQuestions {
  private static final String DELETED = "-";

  private record Place(long conversation, long seq) {
    static Place of(Fact.Message message) {
      return new Place(message.conversation(), message.seq());
    }
  }

  private final Evidence evidence;
  private final Map<Place, List<String>> mentions = new HashMap<>();
  private final Map<Place, String> contents = new HashMap<>();
  private final Map<Place, Set<String>> edits = new HashMap<>();
  private final Set<Long> slow = new HashSet<>();
  private final Set<Long> blocked = new HashSet<>();

  BotQuestions(Evidence evidence) {
    this.evidence = evidence;
    evidence
        .history()
        .facts(Fact.Mentions.class)
        .forEach(fact -> mentions.put(new Place(fact.conversation(), fact.seq()), fact.users()));
    evidence
        .history()
        .facts(Fact.State.class)
        .forEach(
            state -> contents.put(new Place(state.conversation(), state.seq()), state.content()));
    evidence
        .history()
        .facts(Fact.Version.class)
        .forEach(version -> edited(version.conversation(), version.seq()).add(version.text()));
    for (Op op : evidence.ops(Verb.EDIT)) {
      if (op.outcome() != Outcome.REFUSED) {
        edited(op.call().conversation(), op.call().number()).add(op.call().text());
      }
    }
    evidence
        .history()
        .facts(Fact.Setting.class)
        .filter(setting -> setting.slowSeconds() > 0)
        .forEach(setting -> slow.add(setting.conversation()));
    evidence.ops(Verb.BLOCK).forEach(op -> blocked.add(op.call().conversation()));
  }

  private Set<String> edited(long conversation, long seq) {
    return edits.computeIfAbsent(new Place(conversation, seq), none -> new HashSet<>());
  }

  private boolean isDirectWith(long conversation, String bot) {
    Fact.Conversation stored = evidence.conversation(conversation);
    return stored != null && !stored.group() && evidence.members(conversation).containsKey(bot);
  }

  private boolean isUncertain(Fact.Message message) {
    Place place = Place.of(message);
    return DELETED.equals(contents.get(place))
        || ErasedUsers.isReplacement(message.from())
        || (edits.containsKey(place) && isGroup(message.conversation()));
  }

  private boolean isGroup(long conversation) {
    Fact.Conversation stored = evidence.conversation(conversation);
    return stored != null && stored.group();
  }

  private boolean asks(Fact.Message message, String bot) {
    return !FaultBots.isBot(message.from())
        && (isDirectWith(message.conversation(), bot)
            || (isGroup(message.conversation())
                && mentions.getOrDefault(Place.of(message), List.of()).contains(bot)));
  }

  /** Whether the bot may have been asked this. */
  boolean mayAsk(Fact.Message message, String bot) {
    return asks(message, bot) || (!FaultBots.isBot(message.from()) && isUncertain(message));
  }

  /** Whether the bot has to answer it. In slow mode it may have to leave it. */
  boolean isDue(Fact.Message message, String bot) {
    return asks(message, bot) && !mayBeLeft(message, bot) && !slow.contains(message.conversation());
  }

  /** Whether the bot could perhaps not answer it, or not to the end. */
  boolean mayBeLeft(Fact.Message message, String bot) {
    return isUncertain(message)
        || blocked.contains(message.conversation())
        || !evidence.membership(message.conversation()).isMemberSince(bot, message.seq());
  }

  /** What the message said at one time or another; null if that is not known. */
  @Nullable Set<String> texts(Fact.Message message) {
    Place place = Place.of(message);
    String content = contents.getOrDefault(place, DELETED);
    boolean isForward =
        evidence.sends().getOrDefault(Evidence.key(message), List.of()).stream()
            .anyMatch(op -> !op.call().subjects().isEmpty());
    if (ErasedUsers.isReplacement(message.from()) || (isForward && content.equals(DELETED))) {
      return null;
    }
    Set<String> texts = new HashSet<>(edits.getOrDefault(place, Set.of()));
    texts.add(content.equals(DELETED) || !isForward ? message.clientId() : content);
    texts.add(content);
    return texts;
  }
}
