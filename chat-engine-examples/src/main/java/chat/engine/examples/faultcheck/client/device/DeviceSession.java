package chat.engine.examples.faultcheck.client.device;

import chat.engine.examples.faultcheck.client.device.Wire.Answer;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.How;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Fact;
import chat.engine.examples.faultcheck.history.Recorder;
import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One session of a user: what it is told goes into the history and the {@link Memory}; when it is
 * told to, it syncs. Thread-safe.
 */
public final class DeviceSession implements AutoCloseable {
  private final Recorder recorder;
  private final Memory memory;
  private final String name;
  private final String user;
  private final Wire wire;
  private final Calls calls;
  private volatile boolean opened;

  private DeviceSession(Recorder recorder, Memory memory, String name, String user, int port)
      throws IOException {
    this.recorder = recorder;
    this.memory = memory;
    this.name = name;
    this.user = user;
    this.wire = Wire.open(port, this::event, this::closed);
    this.calls = new Calls(recorder, wire, name, user);
  }

  /** Connects; the future fails, or gives false, if that does not succeed. */
  public static DeviceSession connect(
      Recorder recorder, Memory memory, String name, String user, int port) throws IOException {
    return new DeviceSession(recorder, memory, name, user, port);
  }

  public CompletableFuture<Boolean> open(String node) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    wire.ask(
        "connect " + user + " device",
        answer -> {
          if (answer.ok()) {
            recorder.record(at -> new Event.Opened(at, name, user, node));
            opened = true;
          }
          done.complete(answer.ok());
        });
    return done;
  }

  public boolean isOpen() {
    return wire.isOpen();
  }

  public Wire wire() {
    return wire;
  }

  public Calls calls() {
    return calls;
  }

  private void closed(String why) {
    if (opened) {
      recorder.record(at -> new Event.Closed(at, name, why));
    }
  }

  @Override
  public void close() {
    wire.close("closed by the client");
  }

  // ---- sync

  public CompletableFuture<Outcome> sync() {
    List<Memory.Copy> known = memory.copies();
    return calls.call(
        Verb.SYNC,
        0,
        0,
        List.of(),
        "",
        "sync " + Memory.cursors(known),
        (op, answer) -> synced(op, answer, known));
  }

  /** As on a device that knows nothing: the answer has everything. */
  public CompletableFuture<Outcome> syncAnew() {
    return calls.call(
        Verb.SYNC, 0, 0, List.of(), "", "sync", (op, answer) -> synced(op, answer, List.of()));
  }

  /**
   * @param known what it was asked with. What is told reaches from there: what the device happens
   *     to have above is not kept up to date by it
   */
  private void synced(long op, Answer answer, List<Memory.Copy> known) {
    Map<Long, Long> cursors =
        known.stream().collect(Collectors.toMap(Memory.Copy::conversation, Memory.Copy::seq));
    recorder.record(at -> new Event.Synced(at, name, op));
    Set<Long> answered = new HashSet<>();
    for (String[] item : answer.items()) {
      switch (item[0]) {
        case "conversation" -> {
          position(op, item);
          long conversation = Long.parseLong(item[1]);
          forgetStates(conversation, cursors.getOrDefault(conversation, 0L));
          answered.add(conversation);
        }
        case "pinned" ->
            recorder.record(
                at -> new Event.PinsTold(at, name, op, Long.parseLong(item[1]), item[2]));
        case "message" -> calls.message(op, How.ANSWER, item, memory::has);
        case "state" ->
            calls.state(
                Long.parseLong(item[1]), Long.parseLong(item[2]), item[3], item[4], item[5]);
        case "reset" -> forgetStates(Long.parseLong(item[1]), 0);
        case "gone" -> forget(Long.parseLong(item[1]));
        default -> throw new IllegalArgumentException("in an answer to sync: " + item[0]);
      }
    }
    for (Memory.Copy copy : memory.copies()) {
      if (!answered.contains(copy.conversation())) {
        recorder.record(
            at ->
                new Event.Position(
                    at,
                    name,
                    op,
                    copy.conversation(),
                    copy.group(),
                    copy.name(),
                    copy.seq(),
                    copy.rev(),
                    copy.readSeq(),
                    -1,
                    -1));
      }
    }
  }

  private void forget(long conversation) {
    memory.forget(conversation);
    forgetStates(conversation, 0);
  }

  private void forgetStates(long conversation, long above) {
    recorder.record(at -> new Event.StatesForgotten(at, name, conversation, above));
  }

  private void position(long op, String[] item) {
    long conversation = Long.parseLong(item[1]);
    boolean group = item[2].equals("GROUP");
    long lastSeq = Long.parseLong(item[3]);
    long rev = Long.parseLong(item[4]);
    long readSeq = Long.parseLong(item[5]);
    long unread = Long.parseLong(item[6]);
    long mentions = Long.parseLong(item[8]);
    memory.stand(conversation, group, item[7], rev, readSeq);
    recorder.record(
        at ->
            new Event.Position(
                at,
                name,
                op,
                conversation,
                group,
                item[7],
                lastSeq,
                rev,
                readSeq,
                unread,
                mentions));
    memory.prefers(conversation, Long.parseLong(item[9]), true);
    memory.skipTo(conversation, memory.seq(conversation), Long.parseLong(item[14]) - 1);
    calls.preferences(op, conversation, item, 9);
  }

  // ---- events

  private void event(String[] words) {
    switch (words[0]) {
      case "message" -> calls.message(0, How.LIVE, words, memory::has);
      case "created" -> created(words);
      case "change" -> change(words);
      case "edited" -> edited(words);
      case "reaction" -> reacted(words);
      case "preferences" -> {
        long conversation = Long.parseLong(words[1]);
        memory.prefers(conversation, Long.parseLong(words[2]), false);
        calls.preferences(0, conversation, words, 2);
      }
      case "receipt" -> receipt(words);
      case "typing" ->
          recorder.record(
              at ->
                  new Event.TypingTold(
                      at, name, Long.parseLong(words[1]), words[2], words[3].equals("true")));
      case "presence" -> presence(0, How.LIVE, words);
      case "resync" -> {
        recorder.record(at -> new Event.ResyncTold(at, name));
        sync()
            .thenAccept(
                outcome -> {
                  if (outcome != Outcome.OK) {
                    wire.close("no sync after resync");
                  }
                });
      }
      case "ended" -> wire.close("ended by the engine: " + words[1]);
      default -> throw new IllegalArgumentException("an event of a new kind: " + words[0]);
    }
  }

  private void created(String[] words) {
    long conversation = Long.parseLong(words[1]);
    boolean group = words[2].equals("true");
    memory.beginIfNew(conversation, group, words[3]);
    recorder.record(at -> new Event.CreatedTold(at, name, conversation, group, words[3]));
  }

  private void change(String[] words) {
    long conversation = Long.parseLong(words[1]);
    long rev = Long.parseLong(words[2]);
    long atSeq = Long.parseLong(words[3]);
    Fact.Kind kind = Fact.Kind.valueOf(words[4]);
    List<String> subjects = words[5].equals("-") ? List.of() : List.of(words[5].split(",", -1));
    boolean aboutMe = subjects.contains(user);
    if (aboutMe && kind == Fact.Kind.ADDED) {
      memory.begin(conversation, true, words[6], atSeq, rev);
      forgetStates(conversation, 0);
    } else if (kind == Fact.Kind.DELETED || (aboutMe && kind == Fact.Kind.REMOVED)) {
      forget(conversation);
    } else {
      memory.changed(conversation, words[6], rev);
    }
    recorder.record(
        at -> new Event.ChangeTold(at, name, conversation, rev, atSeq, kind, subjects, words[6]));
    if (kind == Fact.Kind.PINNED || kind == Fact.Kind.UNPINNED) {
      long pinned = Long.parseLong(words[7]);
      recorder.record(
          at -> new Event.PinTold(at, name, conversation, rev, pinned, kind == Fact.Kind.PINNED));
    }
  }

  private void edited(String[] words) {
    long conversation = Long.parseLong(words[1]);
    long rev = Long.parseLong(words[2]);
    long atSeq = Long.parseLong(words[3]);
    Fact.Kind kind = Fact.Kind.valueOf(words[4]);
    memory.changed(conversation, words[5], rev);
    recorder.record(
        at -> new Event.ChangeTold(at, name, conversation, rev, atSeq, kind, List.of(), words[5]));
    calls.state(conversation, Long.parseLong(words[6]), words[7], words[8], words[9]);
  }

  private void reacted(String[] words) {
    long conversation = Long.parseLong(words[1]);
    long rev = Long.parseLong(words[2]);
    long atSeq = Long.parseLong(words[3]);
    memory.changed(conversation, words[9], rev);
    recorder.record(
        at ->
            new Event.ChangeTold(
                at,
                name,
                conversation,
                rev,
                atSeq,
                Fact.Kind.MESSAGE_REACTED,
                List.of(),
                words[9]));
    recorder.record(
        at ->
            new Event.ReactionTold(
                at,
                name,
                How.LIVE,
                conversation,
                Long.parseLong(words[4]),
                rev,
                words[5],
                words[6],
                words[7].equals("true"),
                Long.parseLong(words[8])));
  }

  private void receipt(String[] words) {
    long conversation = Long.parseLong(words[1]);
    boolean read = words[3].equals("READ");
    long seq = Long.parseLong(words[4]);
    if (read && words[2].equals(user)) {
      memory.read(conversation, seq);
    }
    recorder.record(
        at -> new Event.ReceiptTold(at, name, 0, How.LIVE, conversation, words[2], read, seq));
  }

  private void presence(long op, How how, String[] words) {
    recorder.record(
        at -> new Event.PresenceTold(at, name, op, how, words[1], words[2].equals("true")));
  }

  // ---- what a client asks for right after a sync

  public CompletableFuture<Outcome> watch(Collection<String> users) {
    List<String> watched = List.copyOf(users);
    return calls.call(
        Verb.WATCH,
        0,
        0,
        watched,
        "",
        "watch " + String.join(",", watched),
        (op, answer) -> answer.items().forEach(item -> presence(op, How.ANSWER, item)));
  }

  public CompletableFuture<Outcome> members(long conversation) {
    return calls.call(
        Verb.MEMBERS,
        conversation,
        0,
        List.of(),
        "",
        "members " + conversation,
        (op, answer) -> {
          List<String[]> items = answer.items();
          long rev = Long.parseLong(items.get(0)[1]);
          recorder.record(at -> new Event.RosterTold(at, name, op, conversation, rev));
          items.subList(1, items.size()).forEach(item -> member(op, conversation, item));
        });
  }

  private void member(long op, long conversation, String[] item) {
    for (int i = 2; i <= 3; i++) {
      boolean read = i == 2;
      long seq = Long.parseLong(item[i]);
      recorder.record(
          at -> new Event.ReceiptTold(at, name, op, How.ANSWER, conversation, item[1], read, seq));
    }
  }

  /**
   * Reads what the memory lacks of a conversation; a page. What lies between the memory and the
   * page is not there for this user.
   */
  public @Nullable CompletableFuture<Outcome> catchUp(long conversation, long upTo) {
    long from = memory.seq(conversation);
    return from >= upTo
        ? null
        : calls.history(
            conversation,
            from,
            new Calls.MessageSink() {
              private boolean begun;

              @Override
              public void has(long in, long seq, String sender) {
                if (!begun) {
                  begun = true;
                  memory.skipTo(in, from, seq - 1);
                }
                memory.has(in, seq, sender);
              }
            });
  }
}
