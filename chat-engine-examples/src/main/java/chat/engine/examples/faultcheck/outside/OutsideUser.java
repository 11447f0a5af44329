package chat.engine.examples.faultcheck.outside;

import chat.engine.examples.faultcheck.check.outside.OutsideNames;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Recorder;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerSession;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A user who writes to others, to groups and to bots, and repeats what was not acknowledged until
 * it is. {@link #act} and {@link #open} are for one thread at a time; the rest is thread-safe.
 */
final class OutsideUser implements ServerSession.Listener, AutoCloseable {
  private static final int MOST_UNDER_WAY = 8;
  private static final int MOST_AT_ONCE = 4;
  private static final int RETRY_MILLIS = 300;

  private final String name;
  private final Recorder recorder;
  private final Random random;
  private final ServerSession session;
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger repeats = new AtomicInteger();
  private final Map<String, String> directs = new HashMap<>();
  private final List<String> groups = new ArrayList<>();
  private int messages;
  private volatile boolean closed;

  OutsideUser(
      String name,
      HttpClient http,
      List<ServerNode> nodes,
      int node,
      Recorder recorder,
      Random random) {
    this.name = name;
    this.recorder = recorder;
    this.random = random;
    this.session = new ServerSession(http, nodes, node, api -> api.enter(name), "outside", this);
  }

  String name() {
    return name;
  }

  CompletableFuture<Void> connect() {
    return session.connect();
  }

  /** Opens the conversation with somebody by a first message; blocks. */
  String open(String other) {
    ObjectNode first = send("hello").put("to", other);
    String clientId = first.get("client_message_id").asString();
    long op = recorder.nextOp();
    ObjectNode ack = session.ask(first).join();
    String conversation = ack.get("conversation_id").asString();
    called(op, conversation, clientId);
    acknowledged(op, ack);
    directs.put(other, conversation);
    return conversation;
  }

  /** Creates a group with the others and all bots in it; blocks. */
  String createGroup(String group, List<String> others) {
    ObjectNode request = ServerApi.object().put("type", "create_group").put("name", group);
    others.forEach(request.putArray("members")::add);
    OutsideNames.BOTS.forEach(
        ((tools.jackson.databind.node.ArrayNode) request.get("members"))::add);
    return session.ask(request).join().get("conversation_id").asString();
  }

  void join(String conversation) {
    groups.add(conversation);
  }

  private ObjectNode send(String text) {
    String clientId = name + "n" + messages++;
    return ServerApi.object()
        .put("type", "send")
        .put("client_message_id", clientId)
        .put("text", clientId + " " + text);
  }

  /** Writes one message, or some questions at once, unless many are under way. */
  void act() {
    if (underWay.get() >= MOST_UNDER_WAY) {
      return;
    }
    int what = random.nextInt(100);
    if (what < 6) {
      String bot = OutsideNames.BOTS.get(random.nextInt(OutsideNames.BOTS.size()));
      for (int i = random.nextInt(MOST_AT_ONCE); i >= 0; i--) {
        send(String.valueOf(directs.get(bot)), send("please"));
      }
      return;
    }
    ObjectNode send = send("please");
    String conversation;
    if (what < 55) {
      List<String> people =
          directs.keySet().stream().filter(it -> !OutsideNames.BOTS.contains(it)).sorted().toList();
      conversation = directs.get(people.get(random.nextInt(people.size())));
    } else {
      conversation = groups.get(random.nextInt(groups.size()));
      if (what >= 94) {
        var mentions = send.putArray("mentions");
        OutsideNames.BOTS.stream().filter(bot -> random.nextBoolean()).forEach(mentions::add);
      }
    }
    send(String.valueOf(conversation), send);
  }

  private void send(String conversation, ObjectNode send) {
    send.put("conversation_id", conversation);
    long op = recorder.nextOp();
    called(op, conversation, send.get("client_message_id").asString());
    underWay.incrementAndGet();
    attempt(op, send);
  }

  private void called(long op, String conversation, String clientId) {
    recorder.record(
        at ->
            new Event.Called(
                at,
                op,
                name + "#1",
                name,
                Verb.SEND,
                Long.parseLong(conversation),
                0,
                List.of(),
                clientId));
  }

  private void acknowledged(long op, ObjectNode ack) {
    recorder.record(
        at ->
            new Event.Answered(
                at,
                op,
                name + "#1",
                Outcome.OK,
                ack.get("seq").asLong(),
                Long.parseLong(ack.get("message_id").asString()),
                ack.path("duplicate").asBoolean(false),
                ""));
  }

  private void attempt(long op, ObjectNode send) {
    session
        .ask(send.deepCopy())
        .whenComplete(
            (ack, fault) -> {
              if (ack != null) {
                acknowledged(op, ack);
                underWay.decrementAndGet();
              } else if (!closed) {
                repeats.incrementAndGet();
                CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() -> attempt(op, send));
              }
            });
  }

  boolean isDone() {
    return underWay.get() == 0;
  }

  int repeats() {
    return repeats.get();
  }

  @Override
  public void message(ObjectNode message, boolean live) {}

  @Override
  public void event(ObjectNode event) {}

  @Override
  public void online(JsonNode conversations) {}

  @Override
  public void offline(String reason, boolean again) {}

  @Override
  public void close() {
    closed = true;
    session.close();
  }
}
