package chat.engine.examples.faultcheck.check.evidence;

import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A history, with the indexes that the checks need. Not changed after it was made. */
public final class Evidence {
  /** What makes two sends the same. */
  public record SendKey(long conversation, String user, String clientId) {}

  private final History history;
  private final Sessions sessions;
  private final QuietTimes quiet;
  private final Map<Long, Op> ops = new LinkedHashMap<>();
  private final Map<SendKey, List<Op>> sends = new LinkedHashMap<>();
  private final Map<Long, Fact.Conversation> conversations = new LinkedHashMap<>();
  private final Map<Long, NavigableMap<Long, Fact.Message>> messages = new HashMap<>();
  private final Map<Long, Map<String, Fact.Member>> members = new HashMap<>();
  private final Map<Long, Membership> memberships = new HashMap<>();
  private final Map<Fact.Message, Long> known = new HashMap<>();
  private final Map<Long, Settings> settings = new HashMap<>();
  private final Map<Long, Map<Long, Fact.Change>> changesOfMessages = new HashMap<>();
  private final Reactions reactions;
  private final long settledAt;

  public Evidence(History history) {
    this.history = history;
    this.sessions = new Sessions(history);
    this.quiet = new QuietTimes(history);
    this.reactions = new Reactions(history);
    this.settledAt =
        history.events(Event.Settled.class).mapToLong(Event::at).findFirst().orElse(Long.MAX_VALUE);
    indexOps();
    indexFacts();
    indexFirstSigns();
  }

  private void indexOps() {
    history
        .events()
        .forEach(
            event -> {
              if (event instanceof Event.Called call) {
                ops.put(call.op(), new Op(call, null));
              } else if (event instanceof Event.Answered answer) {
                ops.computeIfPresent(answer.op(), (op, called) -> new Op(called.call(), answer));
              }
            });
    for (Op op : ops(Verb.SEND)) {
      sends.computeIfAbsent(key(op.call()), unused -> new ArrayList<>()).add(op);
    }
  }

  private void indexFacts() {
    Map<Long, List<Fact.Change>> changes = new HashMap<>();
    history
        .facts(Fact.Conversation.class)
        .forEach(fact -> conversations.put(fact.conversation(), fact));
    history
        .facts(Fact.Message.class)
        .forEach(fact -> messages(fact.conversation()).put(fact.seq(), fact));
    history
        .facts(Fact.Member.class)
        .forEach(fact -> members(fact.conversation()).put(fact.user(), fact));
    history
        .facts(Fact.Change.class)
        .filter(fact -> !fact.kind().isOfMessage())
        .forEach(
            fact ->
                changes
                    .computeIfAbsent(fact.conversation(), unused -> new ArrayList<>())
                    .add(fact));
    history
        .facts(Fact.Change.class)
        .filter(fact -> fact.kind().isOfMessage())
        .forEach(
            fact ->
                changesOfMessages
                    .computeIfAbsent(fact.conversation(), unused -> new HashMap<>())
                    .put(fact.rev(), fact));
    history
        .facts(Fact.Setting.class)
        .collect(Collectors.groupingBy(Fact.Setting::conversation))
        .forEach((id, log) -> settings.put(id, new Settings(log)));
    for (long id : conversations.keySet()) {
      memberships.put(
          id,
          new Membership(changes.getOrDefault(id, List.of()), new HashSet<>(members(id).keySet())));
    }
  }

  /** When it was first seen that a message is stored. */
  private void indexFirstSigns() {
    for (Op op : ops(Verb.SEND)) {
      if (op.ok()) {
        sign(op.call().conversation(), op.seq(), op.end());
      }
    }
    history
        .events(Event.MessageTold.class)
        .forEach(told -> sign(told.conversation(), told.seq(), told.at()));
    history
        .events(Event.Delivered.class)
        .forEach(batch -> batch.seqs().forEach(seq -> sign(batch.conversation(), seq, batch.at())));
  }

  private void sign(long conversation, long seq, long at) {
    Fact.Message message = messages(conversation).get(seq);
    if (message != null) {
      known.merge(message, at, Math::min);
    }
  }

  public History history() {
    return history;
  }

  public Sessions sessions() {
    return sessions;
  }

  public QuietTimes quiet() {
    return quiet;
  }

  /** When the clients' knowledge counts as final. */
  public long settledAt() {
    return settledAt;
  }

  public Collection<Fact.Conversation> conversations() {
    return conversations.values();
  }

  public Fact.@Nullable Conversation conversation(long id) {
    return conversations.get(id);
  }

  /** Whether a message has expired, so that nothing is stored of it. */
  public boolean isExpired(long conversation, long seq) {
    Fact.Conversation stored = conversations.get(conversation);
    return stored != null && seq < stored.firstSeq();
  }

  /**
   * Whether a message that one of the attempts of a send stored has expired: the next attempt is a
   * new send then.
   */
  public boolean hasExpired(List<Op> attempts) {
    return attempts.stream()
        .anyMatch(op -> op.ok() && isExpired(op.call().conversation(), op.seq()));
  }

  public NavigableMap<Long, Fact.Message> messages(long conversation) {
    return messages.computeIfAbsent(conversation, unused -> new TreeMap<>());
  }

  public Map<String, Fact.Member> members(long conversation) {
    return members.computeIfAbsent(conversation, unused -> new TreeMap<>());
  }

  public Membership membership(long conversation) {
    return memberships.computeIfAbsent(conversation, unused -> new Membership(List.of(), Set.of()));
  }

  public Settings settings(long conversation) {
    return settings.computeIfAbsent(conversation, unused -> new Settings(List.of()));
  }

  /**
   * The seq above which a user could read, when the change with the rev came: 0, unless members
   * read from their joining on only.
   */
  public long readableAfter(String user, long conversation, long beforeRev) {
    return settings(conversation).isJoinedBefore(beforeRev)
        ? membership(conversation).joinedSeq(user, beforeRev)
        : 0;
  }

  /** Up to where a user may have been kept from reading, in the membership that they have last. */
  public long mayBeHiddenUpTo(String user, long conversation) {
    return settings(conversation).wasEverJoined()
        ? membership(conversation).joinedSeq(user, Long.MAX_VALUE)
        : 0;
  }

  /** Whether the change is one of a message that the user could not read then. */
  public boolean isHidden(String user, long conversation, long rev) {
    return isOfMessageUpTo(readableAfter(user, conversation, rev), conversation, rev);
  }

  private boolean isOfMessageUpTo(long seq, long conversation, long rev) {
    Fact.Change change = changesOfMessages.getOrDefault(conversation, Map.of()).get(rev);
    return change != null
        && change.kind() != Fact.Kind.EXPIRED
        && change.seq() > 0
        && change.seq() <= seq;
  }

  /** Whether a session that knows all changes up to one may be told another one next. */
  public boolean mayFollow(Sessions.View session, long conversation, long before, long next) {
    for (long rev = before + 1; rev < next; rev++) {
      if (!reactions.isOptional(session.name(), conversation, rev)
          && !mayBeLeftOut(session.user(), conversation, rev)) {
        return false;
      }
    }
    return before < next;
  }

  /**
   * Whether the change is one of a message that the user could not read when it came, or later: a
   * node that is behind goes by what the group is set to when it reads the change.
   */
  private boolean mayBeLeftOut(String user, long conversation, long rev) {
    return settings(conversation).wasJoinedSince(rev)
        && isOfMessageUpTo(membership(conversation).joinedSeq(user, rev), conversation, rev);
  }

  /** See {@link Reactions}. */
  public Reactions reactions() {
    return reactions;
  }

  public List<Op> ops(Verb... verbs) {
    Set<Verb> wanted = Set.of(verbs);
    return ops.values().stream().filter(op -> wanted.contains(op.call().verb())).toList();
  }

  public @Nullable Op op(long number) {
    return ops.get(number);
  }

  /** All attempts of each send, in the order made. */
  public Map<SendKey, List<Op>> sends() {
    return sends;
  }

  public static SendKey key(Event.Called call) {
    return new SendKey(call.conversation(), call.user(), call.text());
  }

  public static SendKey key(Fact.Message message) {
    return new SendKey(message.conversation(), message.from(), message.clientId());
  }

  /** Whether the session itself sent this message, at the first try or again. */
  public boolean wasSentOn(String session, Fact.@Nullable Message message) {
    return message != null
        && sends.getOrDefault(key(message), List.of()).stream()
            .anyMatch(op -> op.call().session().equals(session));
  }

  /** When it was first seen that the message is stored; the end of time if never. */
  public long knownAt(Fact.Message message) {
    return known.getOrDefault(message, Long.MAX_VALUE);
  }

  /**
   * When a stored message was known to be stored; for one that nobody was ever told of some time
   * after its last attempt.
   */
  public long storedAt(Fact.Message message) {
    Long sign = known.get(message);
    if (sign != null) {
      return sign;
    }
    return sends.getOrDefault(key(message), List.of()).stream()
        .mapToLong(op -> op.call().at() + QuietTimes.HEALING_MICROS)
        .max()
        .orElse(settledAt); // of a bot, and no feed delivered it
  }
}
