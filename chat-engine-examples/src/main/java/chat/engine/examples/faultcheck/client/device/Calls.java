package chat.engine.examples.faultcheck.client.device;

import chat.engine.examples.faultcheck.client.device.Wire.Answer;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Recorder;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;

/**
 * The calls of one user over one connection, each recorded with its answer. The futures complete on
 * the thread that reads the connection. Thread-safe.
 */
public final class Calls {
  private final Recorder recorder;
  private final Wire wire;
  private final String session;
  private final String user;

  /**
   * @param session empty for calls without one
   */
  public Calls(Recorder recorder, Wire wire, String session, String user) {
    this.recorder = recorder;
    this.wire = wire;
    this.session = session;
    this.user = user;
  }

  /** For answers in which nothing but the outcome matters. */
  public static void nothingMore(long op, Answer answer) {}

  public CompletableFuture<Outcome> call(
      Verb verb,
      long conversation,
      long number,
      List<String> subjects,
      String text,
      String request) {
    return call(verb, conversation, number, subjects, text, request, Calls::nothingMore);
  }

  /**
   * @param applied gets the op and a good answer, before its end is recorded
   */
  public CompletableFuture<Outcome> call(
      Verb verb,
      long conversation,
      long number,
      List<String> subjects,
      String text,
      String request,
      BiConsumer<Long, Answer> applied) {
    long op = recorder.nextOp();
    recorder.record(
        at -> new Event.Called(at, op, session, user, verb, conversation, number, subjects, text));
    CompletableFuture<Outcome> done = new CompletableFuture<>();
    wire.ask(
        request,
        answer -> {
          if (answer.ok()) {
            applied.accept(op, answer);
          }
          Event.Answered recorded = answered(op, verb, answer);
          recorder.record(
              at ->
                  new Event.Answered(
                      at,
                      op,
                      session,
                      recorded.outcome(),
                      recorded.number(),
                      recorded.id(),
                      recorded.again(),
                      recorded.text()));
          done.complete(recorded.outcome());
        });
    return done;
  }

  private Event.Answered answered(long op, Verb verb, Answer answer) {
    String[] words = answer.words();
    return switch (answer.kind()) {
      case NONE -> new Event.Answered(0, op, session, Outcome.LOST, 0, 0, false, "");
      case ERROR -> {
        boolean inDoubt = words.length > 1 && words[1].equals("true");
        yield new Event.Answered(
            0,
            op,
            session,
            inDoubt || !isSafe(verb, words[0]) ? Outcome.IN_DOUBT : Outcome.REFUSED,
            0,
            0,
            false,
            String.join(" ", words));
      }
      case OK -> {
        long number = words[0].isEmpty() ? 0 : Long.parseLong(words[0]);
        yield verb == Verb.SEND || verb == Verb.PROBE
            ? new Event.Answered(
                0,
                op,
                session,
                Outcome.OK,
                number,
                Long.parseLong(words[1]),
                Boolean.parseBoolean(words[2]),
                "")
            : new Event.Answered(0, op, session, Outcome.OK, number, number, false, "");
      }
    };
  }

  /**
   * Only of sends, edits and deletions of messages the engine promises that a refusal without doubt
   * means that nothing was done.
   */
  private static boolean isSafe(Verb verb, String code) {
    return verb == Verb.SEND
        || verb == Verb.PROBE
        || verb == Verb.EDIT
        || verb == Verb.UNSEND
        || !(code.equals("UNAVAILABLE") || code.equals("INTERNAL"));
  }

  /**
   * @param mentions names with commas between them; {@code -} for none
   */
  public CompletableFuture<Outcome> send(
      Verb verb,
      long conversation,
      String clientId,
      String mentions,
      BiConsumer<Long, Answer> applied) {
    return call(
        verb,
        conversation,
        0,
        List.of(),
        clientId,
        "send " + conversation + " " + clientId + " " + mentions,
        applied);
  }

  /** Sends the text of another message, of any conversation. */
  public CompletableFuture<Outcome> forward(
      long conversation,
      String clientId,
      long origin,
      long originSeq,
      BiConsumer<Long, Answer> applied) {
    return call(
        Verb.SEND,
        conversation,
        originSeq,
        List.of(String.valueOf(origin)),
        clientId,
        "forward " + conversation + " " + clientId + " " + origin + " " + originSeq,
        applied);
  }

  /** Pins a message or, with {@code UNPIN}, ends that. */
  public CompletableFuture<Outcome> pin(Verb verb, long conversation, long seq) {
    return call(
        verb,
        conversation,
        seq,
        List.of(),
        "",
        verb.name().toLowerCase(Locale.ROOT) + " " + conversation + " " + seq);
  }

  /** Reads what a message said before its edits, and says now. */
  public CompletableFuture<Outcome> edits(long conversation, long seq) {
    return call(
        Verb.EDITS,
        conversation,
        seq,
        List.of(),
        "",
        "edits " + conversation + " " + seq,
        (op, answer) ->
            answer
                .items()
                .forEach(
                    item ->
                        recorder.record(
                            at ->
                                new Event.VersionTold(
                                    at,
                                    session,
                                    op,
                                    conversation,
                                    seq,
                                    Long.parseLong(item[1]),
                                    item[2]))));
  }

  /**
   * @param maxUses 0 for any number
   * @param made gets the id of the invite and its code
   */
  public CompletableFuture<Outcome> invite(
      long group, int maxUses, BiConsumer<String, String> made) {
    return call(
        Verb.INVITE,
        group,
        maxUses,
        List.of(),
        "",
        "invite " + group + " " + maxUses,
        (op, answer) -> {
          String[] item = answer.items().get(0);
          recorder.record(at -> new Event.InviteMade(at, session, op, group, item[1], maxUses));
          made.accept(item[1], item[2]);
        });
  }

  public CompletableFuture<Outcome> join(long group, String invite, String code) {
    return call(Verb.JOIN, group, 0, List.of(user), invite, "join " + code);
  }

  /**
   * @param content {@code -} for a deletion
   * @param mentions as in {@link #send}
   */
  public CompletableFuture<Outcome> change(
      Verb verb, long conversation, long seq, String content, String mentions) {
    return call(
        verb,
        conversation,
        seq,
        List.of(),
        content,
        verb == Verb.EDIT
            ? "edit " + conversation + " " + seq + " " + content + " " + mentions
            : "unsend " + conversation + " " + seq);
  }

  /**
   * @param told gets the rev, if there is one
   */
  public CompletableFuture<Outcome> react(
      long conversation, long seq, String emoji, boolean on, LongConsumer told) {
    return call(
        Verb.REACT,
        conversation,
        seq,
        List.of(),
        emoji + (on ? "+" : "-"),
        "react " + conversation + " " + seq + " " + emoji + " " + on,
        (op, answer) -> {
          long rev = Long.parseLong(answer.words()[0]);
          long count = Long.parseLong(answer.words()[1]);
          if (rev > 0) {
            recorder.record(
                at ->
                    new Event.ReactionTold(
                        at, session, How.ANSWER, conversation, seq, rev, emoji, user, on, count));
            told.accept(rev);
          }
        });
  }

  /**
   * @param field muted, archived, pinned or unread
   * @param value {@code -} to end it
   * @param told gets the version
   */
  public CompletableFuture<Outcome> prefer(
      long conversation, String field, String value, LongConsumer told) {
    return call(
        Verb.PREFERENCES,
        conversation,
        0,
        List.of(),
        field + "=" + value,
        "preferences " + conversation + " " + field + " " + value,
        (op, answer) -> {
          preferences(op, conversation, answer.words(), 0);
          told.accept(Long.parseLong(answer.words()[0]));
        });
  }

  /**
   * Records preferences.
   *
   * @param from where they begin among the words
   */
  void preferences(long op, long conversation, String[] words, int from) {
    recorder.record(
        at ->
            new Event.PreferencesTold(
                at,
                session,
                op,
                conversation,
                Long.parseLong(words[from]),
                Long.parseLong(words[from + 1]),
                Long.parseLong(words[from + 2]),
                Boolean.parseBoolean(words[from + 3]),
                Long.parseLong(words[from + 4])));
  }

  /** Has no answer. */
  public void typing(long conversation) {
    long op = recorder.nextOp();
    recorder.record(
        at -> new Event.Called(at, op, session, user, Verb.TYPING, conversation, 1, List.of(), ""));
    wire.tell("typing " + conversation);
  }

  public CompletableFuture<Outcome> history(long conversation, long after, MessageSink sink) {
    return call(
        Verb.HISTORY,
        conversation,
        after,
        List.of(),
        "",
        "history " + conversation + " " + after,
        (op, answer) -> answer.items().forEach(item -> message(op, How.ANSWER, item, sink)));
  }

  /** Gets each message that a client is told. */
  public interface MessageSink {
    void has(long conversation, long seq, String from);
  }

  /** Records a message from the words of its line. */
  void message(long op, How how, String[] words, MessageSink sink) {
    long conversation = Long.parseLong(words[1]);
    long seq = Long.parseLong(words[2]);
    recorder.record(
        at ->
            new Event.MessageTold(
                at,
                session,
                op,
                how,
                conversation,
                seq,
                Long.parseLong(words[3]),
                words[4],
                words[5]));
    state(conversation, seq, words[6], words[7], words[8]);
    if (!words[9].equals("-")) {
      String[] origin = words[9].split(":", -1);
      recorder.record(
          at ->
              new Event.ForwardTold(
                  at,
                  session,
                  op,
                  conversation,
                  seq,
                  Long.parseLong(origin[0]),
                  Long.parseLong(origin[1])));
    }
    sink.has(conversation, seq, words[4]);
  }

  /** Records what a message is. */
  void state(long conversation, long seq, String rev, String content, String reactions) {
    recorder.record(
        at ->
            new Event.StateTold(
                at, session, conversation, seq, Long.parseLong(rev), content, reactions));
  }
}
