package chat.engine.examples.faultcheck.check.rule;

import chat.engine.examples.faultcheck.check.evidence.Evidence;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells a history as if erased users had had their replacements' names all along, so that it can be
 * compared with what is stored: of what they did themselves only what they did to groups is told,
 * and what others saw of them is what is left of it. Not thread-safe.
 */
public final class ErasedUsers {
  private static final String PREFIX = "erased-";

  /** What they did to groups, and so to others, stays. */
  private static final Set<Verb> KEPT =
      Set.of(
          Verb.GROUP,
          Verb.ADD,
          Verb.REMOVE,
          Verb.LEAVE,
          Verb.BAN,
          Verb.UNBAN,
          Verb.SILENCE,
          Verb.INVITE,
          Verb.REVOKE,
          Verb.JOIN,
          Verb.SLOW,
          Verb.ACCESS,
          Verb.RETAIN,
          Verb.RENAME,
          Verb.ATTRIBUTES,
          Verb.UNSEND);

  private record Place(long conversation, long seq) {}

  private final Map<String, String> names = new HashMap<>();
  private final Map<Place, Fact.Message> messages = new HashMap<>();
  private final Set<String> sessions = new HashSet<>();
  private final Set<Long> ops = new HashSet<>();

  private ErasedUsers() {}

  public static boolean isReplacement(String user) {
    return user.startsWith(PREFIX);
  }

  /** The history without the users who were erased, or were to be. */
  public static History replacedIn(History history) {
    ErasedUsers erased = new ErasedUsers();
    new Evidence(history)
        .ops(Verb.ERASE)
        .forEach(op -> erased.names.put(op.call().subjects().get(0), op.call().text()));
    return erased.names.isEmpty() ? history : erased.replace(history);
  }

  private History replace(History history) {
    List<Fact> facts = history.facts().stream().map(this::fact).toList();
    facts.stream()
        .filter(Fact.Message.class::isInstance)
        .map(Fact.Message.class::cast)
        .forEach(
            message -> messages.put(new Place(message.conversation(), message.seq()), message));
    List<Event> events = new ArrayList<>();
    for (Event event : history.events()) {
      Event replaced = event(event);
      if (replaced != null) {
        events.add(replaced);
      }
    }
    return new History(events, facts);
  }

  private String name(String user) {
    return names.getOrDefault(user, user);
  }

  private List<String> names(List<String> users) {
    return users.stream().map(this::name).toList();
  }

  private Fact fact(Fact fact) {
    if (fact instanceof Fact.Message message) {
      return new Fact.Message(
          message.conversation(),
          message.seq(),
          message.id(),
          name(message.from()),
          message.clientId(),
          message.membersRev());
    } else if (fact instanceof Fact.Change change) {
      return new Fact.Change(
          change.conversation(),
          change.rev(),
          change.atSeq(),
          change.kind(),
          names(change.subjects()),
          name(change.actor()),
          change.seq());
    } else if (fact instanceof Fact.Member member) {
      return new Fact.Member(
          member.conversation(),
          name(member.user()),
          member.role(),
          member.readSeq(),
          member.receivedSeq());
    }
    return fact;
  }

  /** Null for what is left out. */
  private @Nullable Event event(Event event) {
    if (event instanceof Event.Opened opened && names.containsKey(opened.user())) {
      sessions.add(opened.session());
      return null;
    } else if (event instanceof Event.Called call) {
      return call(call);
    } else if (event instanceof Event.Answered answer) {
      return ops.contains(answer.op()) ? null : answer(answer);
    } else if (event instanceof Event.InviteMade made) {
      return new Event.InviteMade(
          made.at(),
          session(made.session()),
          made.op(),
          made.conversation(),
          made.invite(),
          made.maxUses());
    } else if (event instanceof Event.OfSession told && sessions.contains(told.session())) {
      return null;
    } else if (event instanceof Event.MessageTold told) {
      return ops.contains(told.op()) ? null : message(told);
    } else if (event instanceof Event.ChangeTold change) {
      return new Event.ChangeTold(
          change.at(),
          change.session(),
          change.conversation(),
          change.rev(),
          change.atSeq(),
          change.kind(),
          names(change.subjects()),
          change.name());
    } else if (event instanceof Event.ReceiptTold told) {
      return new Event.ReceiptTold(
          told.at(),
          told.session(),
          told.op(),
          told.how(),
          told.conversation(),
          name(told.user()),
          told.read(),
          told.seq());
    } else if (event instanceof Event.TypingTold told && names.containsKey(told.user())) {
      return null;
    } else if (event instanceof Event.PresenceTold told && names.containsKey(told.user())) {
      return null;
    }
    return event;
  }

  private @Nullable Event call(Event.Called call) {
    boolean isDropped = names.containsKey(call.user()) && !KEPT.contains(call.verb());
    if (isDropped || call.verb() == Verb.ERASE) {
      ops.add(call.op());
      return null;
    }
    return new Event.Called(
        call.at(),
        call.op(),
        session(call.session()),
        name(call.user()),
        call.verb(),
        call.conversation(),
        call.number(),
        names(call.subjects()),
        call.text());
  }

  private Event answer(Event.Answered answer) {
    return new Event.Answered(
        answer.at(),
        answer.op(),
        session(answer.session()),
        answer.outcome(),
        answer.number(),
        answer.id(),
        answer.again(),
        answer.text());
  }

  /** None, if it is left out. */
  private String session(String session) {
    return sessions.contains(session) ? "" : session;
  }

  private Event message(Event.MessageTold told) {
    if (!names.containsKey(told.from())) {
      return told;
    }
    Fact.Message stored = messages.get(new Place(told.conversation(), told.seq()));
    String clientId = stored == null ? told.clientId() : stored.clientId();
    return new Event.MessageTold(
        told.at(),
        told.session(),
        told.op(),
        told.how(),
        told.conversation(),
        told.seq(),
        told.id(),
        name(told.from()),
        clientId);
  }
}
