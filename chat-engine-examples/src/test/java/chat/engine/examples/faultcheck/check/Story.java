package chat.engine.examples.faultcheck.check;

import chat.engine.examples.faultcheck.check.evidence.Violation;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.History;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Tells a history by hand, an event every 100 ms. The group 100 has ada, its owner, and bob; ids of
 * messages are 1,000 and the seq, on the machine of the node. Not thread-safe.
 */
final class Story {
  static final long GROUP = 100;
  static final String ADA = "ada#1";
  static final String BOB = "bob#1";
  private static final long STEP = 100_000;

  private final List<Event> events = new ArrayList<>();
  private final List<Fact> facts = new ArrayList<>();
  private long now;
  private long lastOp;

  static long id(long seq) {
    return (1_000 + seq) << 16 | 1;
  }

  static String user(String session) {
    return session.split("#")[0];
  }

  Story add(LongFunction<Event> event) {
    now += STEP;
    events.add(event.apply(now));
    return this;
  }

  Story wait(int seconds) {
    now += seconds * 1_000_000L;
    return this;
  }

  Story open(String session, String node) {
    return add(at -> new Event.Opened(at, session, user(session), node));
  }

  Story close(String session) {
    return add(at -> new Event.Closed(at, session, "test"));
  }

  /** A sync after which the group stands at the seq and the rev. */
  Story sync(String session, long seq, long rev) {
    long op = call(session, Verb.SYNC, 0, 0, List.of(), "");
    add(at -> new Event.Synced(at, session, op));
    add(at -> new Event.Position(at, session, op, GROUP, true, "friends", seq, rev, 0, seq, 0));
    return answer(op, session, Outcome.OK, 0, 0, false);
  }

  /** A sync that finds no conversation. */
  Story syncNothing(String session) {
    long op = call(session, Verb.SYNC, 0, 0, List.of(), "");
    add(at -> new Event.Synced(at, session, op));
    return answer(op, session, Outcome.OK, 0, 0, false);
  }

  long call(
      String session,
      Verb verb,
      long conversation,
      long number,
      List<String> subjects,
      String text) {
    long op = ++lastOp;
    add(
        at ->
            new Event.Called(
                at, op, session, user(session), verb, conversation, number, subjects, text));
    return op;
  }

  Story answer(long op, String session, Outcome outcome, long number, long id, boolean again) {
    return add(at -> new Event.Answered(at, op, session, outcome, number, id, again, ""));
  }

  /** A send, acknowledged with the seq. */
  Story send(String session, String clientId, long seq) {
    long op = call(session, Verb.SEND, GROUP, 0, List.of(), clientId);
    return answer(op, session, Outcome.OK, seq, id(seq), false);
  }

  Story done(String session, Verb verb, long number, String... subjects) {
    long op = call(session, verb, GROUP, number, Arrays.asList(subjects), "");
    return answer(op, session, Outcome.OK, 0, 0, false);
  }

  /** A page of history with the messages. */
  Story history(String session, long after, String from, String clientId, long... seqs) {
    long op = call(session, Verb.HISTORY, GROUP, after, List.of(), "");
    for (long seq : seqs) {
      add(
          at ->
              new Event.MessageTold(
                  at, session, op, How.ANSWER, GROUP, seq, id(seq), from, clientId));
    }
    return answer(op, session, Outcome.OK, 0, 0, false);
  }

  Story told(String session, long seq, String from, String clientId) {
    return add(
        at -> new Event.MessageTold(at, session, 0, How.LIVE, GROUP, seq, id(seq), from, clientId));
  }

  Story changed(String session, long rev, long atSeq, Fact.Kind kind, String... subjects) {
    return add(
        at ->
            new Event.ChangeTold(
                at, session, GROUP, rev, atSeq, kind, Arrays.asList(subjects), "friends"));
  }

  /** The pins of the group as the answer to a sync tells them. */
  Story pins(String session, String pinned) {
    return add(at -> new Event.PinsTold(at, session, 0, GROUP, pinned));
  }

  /** The event of a pin of a message, or of its end. */
  Story pinned(String session, long rev, long seq, boolean on) {
    changed(session, rev, 1, on ? Fact.Kind.PINNED : Fact.Kind.UNPINNED);
    return add(at -> new Event.PinTold(at, session, GROUP, rev, seq, on));
  }

  Story state(String session, long seq, long rev, String content, String reactions) {
    return add(at -> new Event.StateTold(at, session, GROUP, seq, rev, content, reactions));
  }

  /** A reaction to message 1; an event if it is live, else the answer to the session itself. */
  Story reacted(
      String session, How how, long rev, String emoji, String user, boolean on, long count) {
    if (how == How.LIVE) {
      changed(session, rev, 1, Fact.Kind.MESSAGE_REACTED);
    }
    return add(
        at -> new Event.ReactionTold(at, session, how, GROUP, 1, rev, emoji, user, on, count));
  }

  Story receipt(String session, String user, long seq) {
    return add(at -> new Event.ReceiptTold(at, session, 0, How.LIVE, GROUP, user, true, seq));
  }

  /** The members of the group as the session read them before any change. */
  Story roster(String session, String... users) {
    return rosterAt(0, session, users);
  }

  /** The members of the group as the session read them, after the change with that rev. */
  Story rosterAt(long rev, String session, String... users) {
    long op = call(session, Verb.MEMBERS, GROUP, 0, List.of(), "");
    add(at -> new Event.RosterTold(at, session, op, GROUP, rev));
    for (String user : users) {
      add(at -> new Event.ReceiptTold(at, session, op, How.ANSWER, GROUP, user, true, 0));
    }
    return answer(op, session, Outcome.OK, 0, 0, false);
  }

  Story presence(String session, How how, String user, boolean online) {
    long op = how == How.LIVE ? 0 : 1;
    return add(at -> new Event.PresenceTold(at, session, op, how, user, online));
  }

  Story fault(boolean begins) {
    return add(at -> new Event.Faulted(at, "node-kill", begins, "n0"));
  }

  /** Long enough after everything for all to have healed. */
  Story settle() {
    return wait(20).add(Event.Settled::new);
  }

  /** The group at the end; said again, the last counts. */
  Story stored(long lastSeq, long rev) {
    return stored(lastSeq, rev, 1);
  }

  /**
   * @param firstSeq messages below it have expired
   */
  Story stored(long lastSeq, long rev, long firstSeq) {
    facts.removeIf(Fact.Conversation.class::isInstance);
    facts.add(new Fact.Conversation(GROUP, true, "friends", lastSeq, rev, firstSeq));
    return this;
  }

  /** The same for a conversation of two users in place of the group. */
  Story storedDirect(long lastSeq, long rev) {
    facts.removeIf(Fact.Conversation.class::isInstance);
    facts.add(new Fact.Conversation(GROUP, false, "-", lastSeq, rev));
    return this;
  }

  /** What is left of the group at the end, which was deleted with that rev. */
  Story storedDeletion(long rev, long atSeq) {
    facts.removeIf(Fact.Conversation.class::isInstance);
    return storedChange(rev, atSeq, Fact.Kind.DELETED);
  }

  Story storedMember(String user, long read) {
    facts.add(new Fact.Member(GROUP, user, "M", read, read));
    return this;
  }

  Story storedMessage(long seq, String from, String clientId, long membersRev) {
    facts.add(new Fact.Message(GROUP, seq, id(seq), from, clientId, membersRev));
    return this;
  }

  Story storedChange(long rev, long atSeq, Fact.Kind kind, String... subjects) {
    facts.add(new Fact.Change(GROUP, rev, atSeq, kind, Arrays.asList(subjects), "ada", 0));
    return this;
  }

  /** A change of message 1, or of its pin. */
  Story storedChangeOfMessage(long rev, long atSeq, Fact.Kind kind) {
    facts.add(new Fact.Change(GROUP, rev, atSeq, kind, List.of(), "ada", 1));
    return this;
  }

  /** A user came in by an invite. */
  Story storedJoining(long rev, long atSeq, String user) {
    facts.add(new Fact.Change(GROUP, rev, atSeq, Fact.Kind.ADDED, List.of(user), user, 0));
    return this;
  }

  Story fact(Fact fact) {
    facts.add(fact);
    return this;
  }

  History history() {
    return new History(events, facts);
  }

  /** The numbers of the promises that it breaks. */
  List<Integer> broken() {
    return Checks.run(history()).stream().map(Violation::promise).distinct().toList();
  }
}
