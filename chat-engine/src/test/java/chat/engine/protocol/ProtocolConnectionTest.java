package chat.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.EncodedChatListener;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.event.Resync;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.protocol.verb.StandardVerbs;
import chat.engine.spi.MessageStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

@Timeout(90)
final class ProtocolConnectionTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final DeviceId PHONE = DeviceId.of("phone");
  private static final Duration SOON = Duration.ofSeconds(30);

  private final ChatEngine engine =
      ChatEngine.builder()
          .store(new InMemoryMessageStore())
          .maxTextBytes(1_000)
          .maxSessionsPerUser(2)
          .build();
  private final ConversationId talk = engine.asUser(ADA).openDirect(BOB).join().id();
  private ChatProtocol protocol = all().build();

  @AfterEach
  void close() {
    protocol.close();
    engine.close();
  }

  private ProtocolBuilder all() {
    return ChatProtocol.builder(engine)
        .requestsPerSecond(100_000)
        .open(
            StandardVerbs.FOLLOWING,
            StandardVerbs.TALKING,
            StandardVerbs.PRESENCE,
            StandardVerbs.OPENING_DIRECT,
            StandardVerbs.MANAGING_GROUPS);
  }

  private record Client(Socket socket, ProtocolConnection connection) {
    ObjectNode ask(String id, String fields) {
      connection.receive("{\"id\":\"" + id + "\"," + fields + "}");
      return socket.reply(id);
    }
  }

  private Client connect(UserId user) {
    Socket socket = new Socket();
    ProtocolConnection connection = protocol.open(user, PHONE, socket);
    socket.await1("welcome");
    return new Client(socket, connection);
  }

  private String send(String clientId, String text) {
    return "\"type\":\"send\",\"conversation_id\":\"%s\",\"client_message_id\":\"%s\",\"text\":\"%s\""
        .formatted(talk, clientId, text);
  }

  private static void assertError(ObjectNode reply, String code) {
    assertThat(reply.get("type").asString()).isEqualTo("error");
    assertThat(reply.get("code").asString()).isEqualTo(code);
    assertThat(reply.get("message").asString()).isNotEmpty();
  }

  private static void assertOk(ObjectNode reply) {
    assertThat(reply.get("type").asString()).as("%s", reply).isEqualTo("ok");
  }

  // ---- coming in

  @Test
  void theTimeInTheWelcomeIsTheStores() {
    Instant there = Instant.parse("2020-01-01T00:00:00Z");
    try (ChatEngine ofThePast = ChatEngine.builder().store(storeAt(there)).build();
        ChatProtocol spoken = ChatProtocol.builder(ofThePast).build()) {
      Socket socket = new Socket();
      spoken.open(ADA, PHONE, socket);
      socket.await1("welcome");
      assertThat(Instant.parse(socket.json().get(0).get("server_time").asString()))
          .isBetween(there, there.plusSeconds(90));
    }
  }

  private static MessageStore storeAt(Instant time) {
    MessageStore store = new InMemoryMessageStore();
    return (MessageStore)
        Proxy.newProxyInstance(
            MessageStore.class.getClassLoader(),
            InMemoryMessageStore.class.getInterfaces(),
            (self, method, arguments) -> {
              Object answer = method.invoke(store, arguments);
              return answer instanceof MessageStore.Writes now
                  ? new MessageStore.Writes(
                      now.mark(), now.complete(), now.lastSeqs(), now.revs(), now.receipts(), time)
                  : answer;
            });
  }

  @Test
  void theWelcomeTellsWhoAndWhereAndTheLimits() {
    ObjectNode welcome = connect(ADA).socket.json().get(0);
    assertThat(welcome.get("type").asString()).isEqualTo("welcome");
    assertThat(welcome.at("/user/username").asString()).isEqualTo("ada");
    assertThat(welcome.get("device").asString()).isEqualTo("phone");
    assertThat(welcome.get("epoch").asString()).isEqualTo(engine.epoch());
    assertThat(welcome.get("node").asString()).isEqualTo(engine.nodeId());
    assertThat(welcome.get("heartbeat_seconds").intValue()).isEqualTo(30);
    assertThat(welcome.at("/limits/max_text_bytes").intValue()).isEqualTo(1_000);
    assertThat(welcome.at("/limits/max_frame_bytes").intValue()).isEqualTo(6 * 1_000 + 8 * 1024);
    assertThat(welcome.at("/limits/max_group_members").intValue())
        .isEqualTo(engine.maxGroupMembers());
    assertThat(welcome.at("/limits/max_pins").intValue()).isEqualTo(100);
  }

  @Test
  void requestsFromBeforeTheAdmissionAreAnsweredBehindTheWelcome() {
    Socket socket = new Socket();
    ProtocolConnection connection = protocol.open(socket);
    connection.receive("{\"type\":\"ping\",\"id\":\"1\"}");
    assertThat(socket.isReading()).isFalse();
    assertThat(socket.frames()).isEmpty();
    connection.admit(ADA, PHONE, "attached").join();
    socket.reply("1");
    assertThat(socket.types()).containsExactly("welcome", "ok");
    assertThat(socket.isReading()).isTrue();
    assertThat(connection.attachment(String.class)).isEqualTo("attached");
    assertThatThrownBy(() -> connection.attachment(Integer.class))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> connection.admit(BOB, PHONE, null))
        .isInstanceOf(IllegalStateException.class);
  }

  /** The engine, but for what becomes of the connections that were made. */
  private ChatEngine connecting(BiFunction<CompletableFuture<?>, Object, CompletableFuture<?>> as) {
    return (ChatEngine)
        Proxy.newProxyInstance(
            ChatEngine.class.getClassLoader(),
            new Class<?>[] {ChatEngine.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(engine, arguments);
                return method.getName().equals("connect")
                    ? as.apply((CompletableFuture<?>) result, arguments[2])
                    : result;
              } catch (InvocationTargetException fault) {
                throw fault.getCause();
              }
            });
  }

  @Test
  void whatTheHostSendsBeforeTheWelcomeFollowsIt() {
    CompletableFuture<Void> turn = new CompletableFuture<>();
    ChatEngine slow = connecting((connected, listener) -> turn.thenCompose(done -> connected));
    protocol = ChatProtocol.builder(slow).build();
    Socket socket = new Socket();
    ProtocolConnection connection = protocol.open(socket);
    connection.send(JsonObjects.object().put("type", "who_are_you")); // nobody is admitted yet
    assertThat(socket.types()).containsExactly("who_are_you");
    connection.admit(ADA, PHONE, null);
    connection.send(JsonObjects.object().put("type", "news"));
    assertThat(socket.types()).containsExactly("who_are_you");
    turn.complete(null);
    socket.await1("news");
    connection.send(JsonObjects.object().put("type", "later"));
    assertThat(socket.types()).containsExactly("who_are_you", "welcome", "news", "later");
  }

  @Test
  void aConnectionToWhichTooMuchIsSentBeforeTheWelcomeIsClosed() {
    protocol =
        ChatProtocol.builder(connecting((connected, listener) -> new CompletableFuture<>()))
            .build();
    Socket socket = new Socket();
    ProtocolConnection connection = protocol.open(socket);
    connection.admit(ADA, PHONE, null);
    ObjectNode news = JsonObjects.object().put("type", "news");
    for (int i = 0; i < 100; i++) {
      connection.send(news);
    }
    assertThat(socket.closeCode()).isNull();
    connection.send(news);
    assertThat(socket.closeCode()).isEqualTo(CloseCode.TRY_LATER);
    assertThat(socket.frames()).isEmpty();
  }

  @Test
  void anEventThatComesBeforeTheWelcomeIsSentBehindIt() {
    protocol =
        ChatProtocol.builder(connecting(ProtocolConnectionTest::withEventFirst))
            .open(StandardVerbs.FOLLOWING)
            .build();
    Client ada = connect(ADA);
    ada.socket.await1("resync");
    assertThat(ada.socket.types()).containsExactly("welcome", "resync");
    engine.asApplication().send(talk, NewMessage.text("later")).join();
    ada.socket.await1("message");
  }

  @SuppressWarnings("unchecked")
  private static CompletableFuture<?> withEventFirst(CompletableFuture<?> connected, Object to) {
    EncodedChatListener<Frame> listener = (EncodedChatListener<Frame>) (ChatListener) to;
    return connected.thenApply(
        session -> {
          listener.onEvent((chat.engine.ChatSession) session, new Resync());
          return session;
        });
  }

  @Test
  void aUserWithTooManyConnectionsHasToComeBackLater() {
    connect(ADA);
    connect(ADA);
    Socket third = new Socket();
    protocol.open(ADA, PHONE, third);
    third.awaitClose(CloseCode.TRY_LATER);
    assertThat(third.frames()).isEmpty();
  }

  // ---- requests

  @Test
  void aMessageIsCommittedAndReachesTheOthers() {
    Client ada = connect(ADA);
    Client bob = connect(BOB);
    ObjectNode ok = ada.ask("1", send("c1", "hello"));
    assertOk(ok);
    assertThat(ok.get("seq").intValue()).isEqualTo(1);
    assertThat(ok.get("duplicate").booleanValue()).isFalse();
    ObjectNode event = bob.socket.await1("message");
    assertThat(event.get("text").asString()).isEqualTo("hello");
    assertThat(event.get("from").asString()).isEqualTo("ada");
    assertThat(ada.ask("2", send("c1", "hello")).get("duplicate").booleanValue()).isTrue();
    assertError(ada.ask("3", send("c1", "other")), "conflict");
  }

  @Test
  void filesAreAttachedWithOrWithoutAText() {
    Client ada = connect(ADA);
    Client bob = connect(BOB);
    String files = "\"type\":\"send\",\"to\":\"bob\",\"client_message_id\":\"c1\",\"attachments\":";
    assertOk(ada.ask("1", files + "[\"a_1\",\"b-2\"]"));
    ObjectNode event = bob.socket.await1("message");
    assertThat(event.get("text").asString()).isEmpty();
    assertThat(event.get("attachments").toString()).isEqualTo("[\"a_1\",\"b-2\"]");
    assertError(ada.ask("2", files + "[\"a_1\"]"), "conflict");
    assertError(ada.ask("3", files + "[\"a/1\"]"), "bad_request");
    assertError(ada.ask("4", files + "[\"a\",\"a\"]"), "bad_request");
    assertError(ada.ask("5", files + "[]"), "bad_request");
  }

  @Test
  void requestsTakeEffectInTheOrderSent() {
    Client ada = connect(ADA);
    for (int i = 1; i <= 300; i++) {
      ada.connection.receive("{\"id\":\"" + i + "\"," + send("c" + i, "m" + i) + "}");
    }
    for (int i = 1; i <= 300; i++) {
      assertThat(ada.socket.reply(Integer.toString(i)).get("seq").intValue()).isEqualTo(i);
    }
  }

  @Test
  void aRequestThatIsAloneHasItsAnswerBeforeTheNextOneBegins() {
    CompletableFuture<ObjectNode> first = new CompletableFuture<>();
    protocol =
        all()
            .verb("first", call -> Outcome.alone(first))
            .verb("next", call -> Outcome.of(JsonObjects.object()))
            .build();
    Client ada = connect(ADA);
    ada.connection.receive("{\"type\":\"first\",\"id\":\"1\"}");
    ada.connection.receive("{\"type\":\"next\",\"id\":\"2\"}");
    first.complete(JsonObjects.object());
    ada.socket.reply("2");
    assertThat(ada.socket.json().get(1).get("id").asString()).isEqualTo("1");
    assertThat(ada.socket.json().get(2).get("id").asString()).isEqualTo("2");
  }

  @Test
  void whatIsRefusedIsNamed() {
    Client ada = connect(ADA);
    assertRefused(
        ada,
        "\"type\":\"edits\",\"conversation_id\":\"" + talk + "\",\"seq\":0",
        "seq must be at least 1, and not 0");
    assertRefused(
        ada,
        "\"type\":\"pins\",\"conversation_id\":\"" + talk + "\",\"after\":-1",
        "after must be at least 0, and not -1");
    assertRefused(ada, "\"type\":\"sync\",\"page\":\"x\"", "page: conversation id must be");
    assertRefused(
        ada,
        "\"type\":\"sync\",\"cursors\":{\"x\":{\"seq\":1}}",
        "cursors: conversation id must be");
    assertRefused(
        ada,
        "\"type\":\"sync\",\"cursors\":{\"0" + talk + "\":{\"seq\":1}}",
        "cursors: conversation id must be a positive decimal number of 63 bits, without");
    assertRefused(
        ada, "\"type\":\"presence\",\"usernames\":[\"bob\",\"\"]", "usernames: user id must have");
    String cursor = "\"type\":\"sync\",\"cursors\":{\"" + talk + "\":";
    assertRefused(ada, cursor + "5}", "cursors." + talk + ": must be an object");
    assertRefused(ada, cursor + "{}}", "cursors." + talk + ": seq is missing");
    assertRefused(
        ada, cursor + "{\"seq\":1,\"rev\":-1}}", "cursors." + talk + ": rev must be at least 0");
    assertRefused(
        ada,
        "\"type\":\"send\",\"conversation_id\":\""
            + talk
            + "\",\"client_message_id\":\"c\",\"text\":\"t\",\"mentions\":[\"\"]",
        "mentions: user id must have");
  }

  private static void assertRefused(Client client, String request, String message) {
    ObjectNode error = client.ask("n" + message.hashCode(), request);
    assertError(error, "bad_request");
    assertThat(error.get("message").asString()).startsWith(message);
  }

  @Test
  void aSendThatIsRefusedOpensNoConversation() {
    Client ada = connect(ADA);
    String text = "x".repeat(1_001);
    assertError(
        ada.ask(
            "1",
            "\"type\":\"send\",\"to\":\"cleo\",\"client_message_id\":\"c\",\"text\":\"%s\""
                .formatted(text)),
        "too_large");
    assertThat(engine.asUser(UserId.of("cleo")).conversations(PageQuery.first()).join().items())
        .isEmpty();
  }

  @Test
  void everyStandardVerbAnswers() {
    Client ada = connect(ADA);
    assertOk(ada.ask("1", send("c1", "hello")));
    assertOk(ada.ask("direct", "\"type\":\"open_direct\",\"to\":\"cleo\""));
    assertOk(
        ada.ask(
            "to", "\"type\":\"send\",\"to\":\"cleo\",\"client_message_id\":\"x\",\"text\":\"t\""));
    String at = "\"conversation_id\":\"" + talk + "\"";
    assertThat(ada.ask("h", "\"type\":\"history\"," + at).get("messages").size()).isEqualTo(1);
    ObjectNode around = ada.ask("ha", "\"type\":\"history\",\"around\":1," + at);
    assertThat(around.get("messages").size()).isEqualTo(1);
    for (String side : List.of("has_more", "has_more_before", "has_more_after")) {
      assertThat(around.get(side).asBoolean(true)).isFalse();
    }
    assertError(
        ada.ask("hb", "\"type\":\"history\",\"around\":1,\"before\":1," + at), "bad_request");
    assertError(ada.ask("hn", "\"type\":\"history\",\"around\":2," + at), "bad_request");
    assertOk(ada.ask("rd", "\"type\":\"read\",\"seq\":1," + at));
    assertOk(ada.ask("rc", "\"type\":\"received\",\"seq\":1," + at));
    assertOk(ada.ask("ty", "\"type\":\"typing\",\"on\":true," + at));
    assertThat(ada.ask("m", "\"type\":\"members\"," + at).get("members").size()).isEqualTo(2);
    assertThat(ada.ask("s", "\"type\":\"sync\"").get("conversations").size()).isEqualTo(2);
    assertThat(
            ada.ask("p", "\"type\":\"presence\",\"usernames\":[\"bob\",\"stranger\"]")
                .get("users")
                .size())
        .isEqualTo(1);
    String create = "\"type\":\"create_group\",\"name\":\"g\",\"members\":[\"bob\"]";
    String once = create + ",\"client_group_id\":\"mine\"";
    String group = ada.ask("g", once).get("conversation_id").asString();
    assertThat(ada.ask("g2", once).get("conversation_id").asString()).isEqualTo(group);
    assertThat(ada.ask("g3", create).get("conversation_id").asString()).isNotEqualTo(group);
    String in = "\"conversation_id\":\"" + group + "\"";
    assertOk(ada.ask("rn", "\"type\":\"rename_group\",\"name\":\"h\"," + in));
    assertOk(ada.ask("am", "\"type\":\"add_members\",\"members\":[\"cleo\"]," + in));
    assertOk(ada.ask("rm", "\"type\":\"remove_members\",\"members\":[\"cleo\"]," + in));
    assertOk(ada.ask("sr", "\"type\":\"set_role\",\"members\":[\"bob\"],\"role\":\"owner\"," + in));
    assertOk(ada.ask("lv", "\"type\":\"leave\"," + in));
    assertOk(ada.ask("pg", "\"type\":\"ping\""));
    assertThat(protocol.counters()).containsEntry("requests_ping", 1L);
    assertThat(protocol.connectionCount()).isEqualTo(1);
  }

  @Test
  void whatTheHostHasNotOpenedDoesNotExist() {
    protocol = ChatProtocol.builder(engine).open(StandardVerbs.TALKING).close("typing").build();
    Client ada = connect(ADA);
    assertError(
        ada.ask("1", "\"type\":\"create_group\",\"name\":\"g\",\"members\":[]"), "unknown_type");
    assertError(ada.ask("2", "\"type\":\"typing\",\"on\":true"), "unknown_type");
    assertError(
        ada.ask("3", "\"type\":\"send\",\"to\":\"bob\",\"client_message_id\":\"x\",\"text\":\"t\""),
        "forbidden");
    assertOk(ada.ask("4", send("c", "t")));
    assertThat(protocol.isOpen("send")).isTrue();
    assertThat(protocol.isOpen("typing")).isFalse();
  }

  @Test
  void anAnswerOfTheHostCannotTakeTheFieldsOfTheProtocol() {
    Verb own =
        call ->
            Outcome.of(
                JsonObjects.object().put("id", "group 7").put("type", "made").put("name", "g"));
    protocol = ChatProtocol.builder(engine).open(() -> Map.of("make", own)).build();
    ObjectNode ok = connect(ADA).ask("1", "\"type\":\"make\"");
    assertThat(ok.toString()).isEqualTo("{\"type\":\"ok\",\"id\":\"1\",\"name\":\"g\"}");
  }

  @Test
  void aHostAddsVerbsOfItsOwn() {
    protocol =
        all()
            .verb(
                "whoami", call -> Outcome.of(JsonObjects.object().put("you", call.user().value())))
            .verb(
                "slow",
                call ->
                    Outcome.alone(
                        call.blocking(
                            () ->
                                JsonObjects.object().put("on", Thread.currentThread().getName()))))
            .verb(
                "refuse",
                call -> {
                  throw ChatException.forbidden("not you");
                })
            .verb(
                "break",
                call -> {
                  throw new IllegalStateException("a secret");
                })
            .build();
    Client ada = connect(ADA);
    assertThat(ada.ask("1", "\"type\":\"whoami\"").get("you").asString()).isEqualTo("ada");
    assertThat(ada.ask("2", "\"type\":\"slow\"").get("on").asString()).isEqualTo("chat-protocol");
    assertError(ada.ask("3", "\"type\":\"refuse\""), "forbidden");
    ObjectNode broken = ada.ask("4", "\"type\":\"break\"");
    assertError(broken, "internal");
    assertThat(broken.toString()).doesNotContain("secret");
    assertThatThrownBy(() -> all().verb("Bad Name", call -> Outcome.of(JsonObjects.object())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Bad Name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "null",
        "{",
        "{}",
        "{\"type\":1}",
        "{\"type\":\"\\ud800\"}",
        "{\"type\":\"ping\",\"id\":7}",
        "{\"type\":\"ping\",\"id\":\"\"}",
        "{\"type\":\"send\"}",
        "{\"type\":\"history\",\"conversation_id\":\"-1\"}",
        "{\"type\":\"history\",\"conversation_id\":\"1\",\"limit\":1e99}",
        "{\"type\":\"sync\",\"cursors\":[]}",
        "{\"type\":\"sync\",\"cursors\":{\"x\":{}}}",
        "{\"type\":\"sync\",\"cursors\":{\"1\":7}}",
        "{\"type\":\"set_role\",\"conversation_id\":\"1\",\"members\":[],\"role\":\"owner\"}",
        "{\"type\":\"set_role\",\"conversation_id\":\"1\",\"members\":[\"a\"],\"role\":\"king\"}"
      })
  void whateverAClientSendsGetsAnErrorAndTheConnectionGoesOn(String frame) {
    Client ada = connect(ADA);
    ada.connection.receive(frame);
    ObjectNode error = ada.socket.await1("error");
    assertThat(error.get("code").asString()).isEqualTo("bad_request");
    assertOk(ada.ask("still", "\"type\":\"ping\""));
    assertThat(ada.socket.closeCode()).isNull();
  }

  @Test
  void deepNestingIsAnErrorToo() {
    Client ada = connect(ADA);
    ada.connection.receive("[".repeat(5_000));
    assertError(ada.socket.await1("error"), "bad_request");
    assertOk(ada.ask("still", "\"type\":\"ping\""));
  }

  @Test
  void aFrameAboveTheLimitEndsTheConnectionAndOnlyThat() {
    Client ada = connect(ADA);
    int most = protocol.maxFrameBytes();
    String head = "{\"type\":\"ping\",\"id\":\"1\",\"pad\":\"";
    ada.connection.receive(head + "x".repeat(most - head.length() - 2) + "\"}");
    assertOk(ada.socket.reply("1"));
    ada.connection.receive("\u6f22".repeat(most / 3 + 1));
    ada.socket.awaitClose(CloseCode.TOO_BIG);
    ada.connection.closed();
    await().atMost(SOON).until(() -> engine.sessionCount() == 0);
  }

  @Test
  void aFloodThatIgnoresTheBackPressureIsRefusedAndThenCut() {
    CompletableFuture<ObjectNode> never = new CompletableFuture<>();
    protocol = all().verb("wait", call -> Outcome.alone(never)).build();
    Client ada = connect(ADA);
    ada.connection.receive("{\"type\":\"wait\"}");
    CompletableFuture<Void> readable = new CompletableFuture<>();
    String padding = "x".repeat(6_000);
    for (int i = 0; ada.socket.closeCode() == null && i < 100_000; i++) {
      readable =
          ada.connection.receive(
              "{\"type\":\"ping\",\"id\":\"" + i + "\",\"pad\":\"" + padding + "\"}");
    }
    assertThat(readable).isNotDone();
    ObjectNode refusal = ada.socket.await1("error");
    assertError(refusal, "rate_limited");
    assertThat(refusal.has("id")).isTrue();
    assertThat(refusal.get("retry_after_ms").intValue()).isPositive();
    ada.socket.awaitClose(CloseCode.POLICY);
    assertThat(protocol.counters().get("requests_refused")).isGreaterThan(1_000);
  }

  @Test
  void theConnectionsOfAUserTakeTurnsWhenTheySendTooFastTogether() {
    protocol = all().requestsPerSecondPerUser(2).build();
    Client phone = connect(ADA);
    Client laptop = connect(ADA);
    long begun = System.nanoTime();
    for (int i = 0; i < 5; i++) {
      phone.connection.receive("{\"type\":\"ping\",\"id\":\"" + i + "\"}");
      laptop.connection.receive("{\"type\":\"ping\",\"id\":\"" + i + "\"}");
    }
    assertOk(connect(BOB).ask("1", "\"type\":\"ping\"")); // another user does not wait
    for (Client client : List.of(phone, laptop)) {
      for (int i = 0; i < 5; i++) {
        assertOk(client.socket.reply(Integer.toString(i)));
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .as("four of the ten are the burst, the others come at two a second")
        .isGreaterThanOrEqualTo(Duration.ofSeconds(3));
    assertThat(phone.socket.types()).doesNotContain("error");
  }

  @Test
  void aUserDoesNotBeginAnewWithEachConnection() {
    protocol = all().requestsPerSecondPerUser(2).build();
    long begun = System.nanoTime();
    for (int i = 0; i < 3; i++) {
      Client ada = connect(ADA);
      for (int j = 0; j < 4; j++) {
        assertOk(ada.ask(Integer.toString(j), "\"type\":\"ping\""));
      }
      ada.connection.closed();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void aUserWhoFloodsByManyConnectionsIsRefused() {
    protocol = all().requestsPerSecondPerUser(1).build();
    connect(ADA).connection.receive("{\"type\":\"ping\"}");
    Client laptop = connect(ADA);
    String padding = "x".repeat(6_000);
    for (int i = 0; !laptop.socket.types().contains("error") && i < 100; i++) {
      laptop.connection.receive(
          "{\"type\":\"ping\",\"id\":\"" + i + "\",\"pad\":\"" + padding + "\"}");
    }
    ObjectNode refusal = laptop.socket.await1("error");
    assertError(refusal, "rate_limited");
    assertThat(refusal.get("retry_after_ms").intValue()).isPositive();
  }

  // ---- the end

  @Test
  void whatWasReceivedBeforeTheCloseTakesEffect() {
    for (int i = 1; i <= 20; i++) {
      Socket socket = new Socket();
      ProtocolConnection connection = protocol.open(ADA, PHONE, socket);
      connection.receive(
          "{\"type\":\"send\",\"to\":\"bob\",\"client_message_id\":\"c" + i + "\",\"text\":\"t\"}");
      connection.closed();
      int sent = i;
      await()
          .atMost(SOON)
          .until(
              () ->
                  engine
                          .asUser(BOB)
                          .history(talk, chat.engine.HistoryQuery.newest())
                          .join()
                          .messages()
                          .size()
                      == sent);
      await().atMost(SOON).until(() -> engine.sessionCount() == 0);
    }
    assertThat(protocol.connections()).isEmpty();
  }

  @Test
  void aDrainSaysByeAndClosesWithRestart() {
    Client ada = connect(ADA);
    engine.drain(Duration.ofSeconds(10));
    ObjectNode bye = ada.socket.await1("bye");
    assertThat(bye.get("reason").asString()).isEqualTo("draining");
    assertThat(bye.has("retry_after_ms")).isTrue();
    ada.socket.awaitClose(CloseCode.RESTART);
  }

  @Test
  void aDrainOfTheProtocolWaitsUntilTheSocketsAreClosed() {
    Client ada = connect(ADA);
    Socket stranger = new Socket();
    ProtocolConnection unknown = protocol.open(stranger);
    CompletableFuture<Boolean> drained =
        CompletableFuture.supplyAsync(() -> protocol.drain(Duration.ofMinutes(2)));
    ada.socket.await1("bye");
    ada.socket.awaitClose(CloseCode.RESTART);
    stranger.awaitClose(CloseCode.RESTART);
    unknown.closed();
    assertThat(drained).isNotDone();
    ada.connection.closed();
    assertThat(drained.orTimeout(30, TimeUnit.SECONDS).join()).isTrue();
  }

  @Test
  void aDrainOfTheProtocolDoesNotWaitForASocketThatIsStuck() {
    Client ada = connect(ADA);
    assertThat(protocol.drain(Duration.ofMillis(200))).isFalse();
    ada.socket.awaitClose(CloseCode.RESTART);
  }

  @Test
  void aDisconnectTellsWhyAndWhatWaitsHasNoEffect() {
    CompletableFuture<ObjectNode> never = new CompletableFuture<>();
    protocol = all().verb("wait", call -> Outcome.alone(never)).build();
    Client ada = connect(ADA);
    ada.connection.receive("{\"type\":\"wait\"}");
    ada.connection.receive("{" + send("c1", "never stored") + "}");
    engine.disconnect(ADA, "suspended").join();
    assertThat(ada.socket.await1("bye").get("explanation").asString()).isEqualTo("suspended");
    ada.socket.awaitClose(CloseCode.UNAUTHORIZED);
    never.complete(JsonObjects.object());
    ada.connection.closed();
    assertThat(
            engine.asUser(BOB).history(talk, chat.engine.HistoryQuery.newest()).join().messages())
        .isEmpty();
  }

  // ---- events

  @Test
  void anEventIsEncodedOnceForAllConnectionsAndForms() {
    Client ada = connect(ADA);
    Client bob1 = connect(BOB);
    Client bob2 = connect(BOB);
    assertOk(ada.ask("1", send("c1", "hello")));
    bob1.socket.await1("message");
    bob2.socket.await1("message");
    Frame one = bob1.socket.frames().get(bob1.socket.types().indexOf("message"));
    Frame other = bob2.socket.frames().get(bob2.socket.types().indexOf("message"));
    assertThat(one).isSameAs(other);
    assertThat(one.text()).isSameAs(other.text());
    Frame.Format<Integer> length = utf8 -> utf8.length;
    assertThat(one.in(length)).isEqualTo(one.utf8().length);
  }

  @Test
  void eventsWaitInTheSessionWhileTheClientTakesNone() {
    Client ada = connect(ADA);
    Client bob = connect(BOB);
    bob.socket.congest();
    IntStream.rangeClosed(1, 50).forEach(i -> assertOk(ada.ask("s" + i, send("c" + i, "m" + i))));
    long before = bob.socket.types().stream().filter("message"::equals).count();
    assertThat(before).isLessThanOrEqualTo(2); // one that showed the congestion, one under way
    bob.socket.drain();
    await()
        .atMost(SOON)
        .until(() -> bob.socket.types().stream().filter("message"::equals).count() == 50);
    List<Integer> seqs =
        bob.socket.json().stream()
            .filter(json -> json.get("type").asString().equals("message"))
            .map(json -> json.get("seq").intValue())
            .toList();
    assertThat(seqs).containsExactlyElementsOf(IntStream.rangeClosed(1, 50).boxed().toList());
  }

  @Test
  void attributesThatTheApplicationGaveNeedNotBeJson() {
    Client bob = connect(BOB);
    engine.asUser(ADA).send(talk, NewMessage.text("1").withAttributes("plain text")).join();
    engine.asUser(ADA).send(talk, NewMessage.text("2").withAttributes("{\"a\":1}")).join();
    await().atMost(SOON).until(() -> bob.socket.types().contains("message"));
    await()
        .atMost(SOON)
        .until(() -> bob.socket.types().stream().filter("message"::equals).count() == 2);
    List<ObjectNode> messages =
        bob.socket.json().stream()
            .filter(json -> json.get("type").asString().equals("message"))
            .toList();
    assertThat(messages.get(0).get("attributes").asString()).isEqualTo("plain text");
    assertThat(messages.get(1).at("/attributes/a").intValue()).isEqualTo(1);
  }

  @Test
  void theHostSeesWhatIsSentAndAddsToTheWelcome() {
    List<String> seen = new CopyOnWriteArrayList<>();
    protocol =
        all()
            .welcome((connection, json) -> json.put("motd", "hello"))
            .onSent((connection, event) -> seen.add(event.getClass().getSimpleName()))
            .answerTimes((type, took) -> seen.add(type))
            .build();
    Client ada = connect(ADA);
    Client bob = connect(BOB);
    assertThat(ada.socket.json().get(0).get("motd").asString()).isEqualTo("hello");
    assertOk(ada.ask("1", send("c1", "hello")));
    bob.socket.await1("message");
    await().atMost(SOON).until(() -> seen.containsAll(Set.of("send", "MessageReceived")));
  }
}
