package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.PreferencesEdit;
import chat.engine.UserId;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedOptions;
import chat.engine.postgres.PostgresMessageStore;
import chat.server.database.ServerDatabase;
import chat.server.outgoing.OutgoingHttp;
import chat.server.outgoing.WebhookSignature;
import chat.server.push.PushSettings;
import chat.server.push.ServerPush;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Who is told what, with an engine whose users need no connection. */
@Timeout(120)
final class PushTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String SECRET = "0123456789abcdef";
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");

  private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();
  private final AtomicInteger messages = new AtomicInteger();
  private ServerDatabase database;
  private PostgresMessageStore store;
  private ChatEngine engine;
  private OutgoingHttp http;
  private Provider hook;
  private PushService browser;
  private ServerPush push;

  @BeforeEach
  void open() throws Exception {
    database = TestServer.openDatabase();
    store = PostgresMessageStore.open(database.dataSource());
    engine = ChatEngine.builder().store(store).presenceGrace(Duration.ofMillis(50)).build();
    http = new OutgoingHttp();
    hook = new Provider((exchange, call) -> Provider.json(exchange, 200, "{}"));
    browser = new PushService();
  }

  @AfterEach
  void close() {
    push.close();
    engine.close();
    http.close();
    hook.close();
    browser.close();
    database.close();
  }

  private void start(Duration delay, boolean hidesContent) {
    push =
        new ServerPush(
            new PushSettings(
                delay,
                Duration.ofSeconds(1),
                hidesContent,
                "mailto:ops@example.org",
                true,
                new PushSettings.Webhook(
                    URI.create(hook.url()), new WebhookSignature(SECRET), Duration.ofSeconds(5))),
            database.jdbi(),
            engine,
            store.conversations(),
            null,
            http,
            (kind, outcome) ->
                counts.computeIfAbsent(outcome, unseen -> new AtomicInteger()).incrementAndGet(),
            feed -> {});
  }

  private void start() {
    start(Duration.ofMillis(500), false);
  }

  private int count(String outcome) {
    return counts.getOrDefault(outcome, new AtomicInteger()).get();
  }

  private void device(UserId user, String kind, String token, boolean hides) {
    UUID login = UUID.randomUUID();
    database
        .jdbi()
        .useTransaction(
            handle -> {
              handle.execute(
                  "insert into server_account (username, email, password_hash) values (?, ?, '')"
                      + " on conflict do nothing",
                  user.value(),
                  user.value() + "@example.org");
              handle.execute(
                  "insert into server_login (login_id, account_id, refresh_hash, expires_at)"
                      + " select ?, account_id, '', now() + interval '1 day' from server_account"
                      + " where username = ?",
                  login,
                  user.value());
              handle.execute(
                  "insert into server_push_device"
                      + " (account_id, device, login_id, kind, token, token_hash, hide_content)"
                      + " select account_id, ?, ?, ?, ?, '', ? from server_account"
                      + " where username = ?",
                  token,
                  login,
                  kind,
                  token,
                  hides,
                  user.value());
            });
  }

  private void hooked(UserId... users) {
    for (UserId user : users) {
      device(user, "webhook", user.value() + "'s phone", false);
    }
  }

  private void browsing(UserId user, boolean hides) {
    device(user, "webpush", browser.subscription().toString(), hides);
  }

  private long devices() {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("select count(*) from server_push_device")
                    .mapTo(long.class)
                    .one());
  }

  private ConversationId direct(UserId one, UserId other) {
    return engine.asUser(one).openDirect(other).join().id();
  }

  private ConversationId group(UserId... others) {
    Conversation group = engine.asUser(ADA).createGroup("team", Set.of(others)).join();
    return group.id();
  }

  private long send(UserId from, ConversationId to, String text, UserId... mentions) {
    return engine
        .asUser(from)
        .send(
            to,
            NewMessage.text(ClientMessageId.of("m" + messages.incrementAndGet()), text)
                .withMentions(List.of(mentions)))
        .join()
        .seq();
  }

  /** The notifications that the webhook was sent, as "user: text, text". */
  private List<String> told() {
    return hook.calls().stream().map(call -> told(call.json())).toList();
  }

  private static String told(ObjectNode json) {
    return json.get("user").asString()
        + ": "
        + json.get("notifications")
            .get(0)
            .path("messages")
            .valueStream()
            .map(message -> message.get("text").asString())
            .collect(Collectors.joining(", "));
  }

  private void awaitTold(String... expected) {
    await().atMost(LONG).untilAsserted(() -> assertThat(told()).contains(expected));
  }

  @Test
  void aBurstIsOneSignedNotificationWithTheBadgeOfAllConversations() throws Exception {
    hooked(BOB);
    ConversationId other = direct(CLEO, BOB);
    send(CLEO, other, "before there was push");
    start(Duration.ofSeconds(4), false); // longer than the burst, also on a busy machine
    ConversationId direct = direct(ADA, BOB);
    for (String text : List.of("one", "two", "three")) {
      send(ADA, direct, text);
    }
    awaitTold("bob: one, two, three");
    assertThat(hook.calls()).hasSize(1);
    Provider.Call call = hook.calls().get(0);
    ObjectNode json = call.json();
    assertThat(json.get("device").asString()).isEqualTo("bob's phone");
    assertThat(json.get("token").asString()).isEqualTo("bob's phone");
    assertThat(json.get("badge").asLong()).isEqualTo(4);
    JsonNode shown = json.get("notifications").get(0);
    assertThat(shown.get("conversation_id").asString()).isEqualTo(direct.toString());
    assertThat(shown.get("kind").asString()).isEqualTo("direct");
    assertThat(shown.get("seq").asLong()).isEqualTo(3);
    assertThat(shown.get("unread").asLong()).isEqualTo(3);
    assertThat(shown.get("messages").get(2).get("from").asString()).isEqualTo("ada");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String signed =
        json.get("id").asString()
            + "."
            + call.headers().get("webhook-timestamp")
            + "."
            + call.body();
    assertThat(call.headers().get("webhook-signature"))
        .isEqualTo(
            "v1,"
                + Base64.getEncoder()
                    .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8))));
    await().untilAsserted(() -> assertThat(count("delivered")).isEqualTo(1));
  }

  private List<ObjectNode> takenBack() {
    return hook.calls().stream()
        .map(Provider.Call::json)
        .filter(json -> json.get("type").asString().equals("badge"))
        .toList();
  }

  private void read(ConversationId conversation, long seq) {
    engine.asUser(BOB).markRead(conversation, seq).join();
    push.read(BOB, conversation);
  }

  @Tag("thorough")
  @Test
  void whatWasReadElsewhereIsTakenBackInSilenceFromDevicesThatShowIt() throws Exception {
    hooked(BOB);
    browsing(BOB, false);
    start();
    ConversationId direct = direct(ADA, BOB);
    ConversationId other = direct(CLEO, BOB);
    send(ADA, direct, "one");
    send(ADA, direct, "two");
    awaitTold("bob: one, two");
    send(CLEO, other, "three");
    awaitTold("bob: one, two", "bob: three");
    await().atMost(LONG).until(() -> count("delivered") == 4); // with the browser's

    read(direct, 1); // it shows more than that
    read(other, 1);
    await().atMost(LONG).until(() -> !takenBack().isEmpty());
    ObjectNode json = takenBack().get(0);
    assertThat(json.get("conversation_id").asString()).isEqualTo(other.toString());
    assertThat(json.get("read_seq").asLong()).isEqualTo(1);
    assertThat(json.get("badge").asLong()).isEqualTo(1);
    assertThat(json.get("device").asString()).isEqualTo("bob's phone");
    assertThat(json.get("token").asString()).isEqualTo("bob's phone");
    assertThat(json.has("notifications")).isFalse();
    await().atMost(LONG).until(() -> shown() == 3);

    read(other, 1); // it does not show that any more
    read(direct, 2);
    await().atMost(LONG).until(() -> takenBack().size() > 1);
    assertThat(takenBack().get(1).get("conversation_id").asString()).isEqualTo(direct.toString());
    assertThat(takenBack().get(1).get("badge").asLong()).isZero();
    await().atMost(LONG).until(() -> shown() == 2); // on the browser, which shows all it is told
    assertThat(takenBack()).hasSize(2);
    assertThat(browser.received()).hasSize(2);
  }

  /** On all devices, conversations of which they were told. */
  private long shown() {
    return database
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("select count(*) from server_push_told")
                    .mapTo(long.class)
                    .one());
  }

  @Test
  void whatWasReadInTheMeantimeOrDeletedIsNotTold() {
    hooked(BOB);
    start(Duration.ofSeconds(2), false); // longer than two calls, also on a busy machine
    ConversationId direct = direct(ADA, BOB);
    engine.asUser(BOB).markRead(direct, send(ADA, direct, "read at once")).join();
    engine.asUser(ADA).deleteMessage(direct, send(ADA, direct, "deleted at once")).join();
    ConversationId other = direct(CLEO, BOB);
    send(CLEO, other, "not read");
    awaitTold("bob: not read");
    send(ADA, direct, "later");
    awaitTold("bob: later");
    assertThat(told()).containsExactly("bob: not read", "bob: later");
  }

  @Test
  void nobodyIsToldTheirOwnMessagesAMutedOneOrOneOfABlockedUser() {
    hooked(ADA, BOB, CLEO);
    start();
    ConversationId group = group(BOB, CLEO);
    engine
        .asUser(BOB)
        .setPreferences(group, PreferencesEdit.NOTHING.mutedUntil(Instant.now().plusSeconds(60)))
        .join();
    send(ADA, group, "for bob", BOB);
    awaitTold("cleo: for bob");
    engine.asUser(CLEO).block(BOB).join();
    send(BOB, group, "from bob");
    awaitTold("ada: from bob");
    engine.asUser(BOB).setPreferences(group, PreferencesEdit.NOTHING.mutedUntil(null)).join();
    engine.asUser(BOB).setPreferences(group, PreferencesEdit.NOTHING.archived(true)).join();
    send(ADA, group, "again");
    awaitTold("bob: for bob, again", "cleo: for bob, again");
    assertThat(told()).hasSize(4);
    assertThat(hook.calls().get(0).json().get("notifications").get(0).get("name").asString())
        .isEqualTo("team");
  }

  @Test
  void whoIsConnectedIsNotToldUnlessTheyLeaveWithoutTheMessage() {
    hooked(BOB, CLEO);
    start();
    ConversationId group = group(BOB, CLEO);
    var bob = engine.connect(BOB, DeviceId.of("d"), ChatListener.of(event -> {})).join();
    var cleo = engine.connect(CLEO, DeviceId.of("d"), ChatListener.of(event -> {})).join();
    long seq = send(ADA, group, "hello");
    cleo.markReceived(group, seq).join();
    ConversationId direct = direct(ADA, BOB);
    device(ADA, "webhook", "ada's phone", false);
    send(BOB, direct, "done"); // bob's, too, has been looked at then
    awaitTold("ada: done");
    assertThat(told()).containsExactly("ada: done");
    bob.close();
    cleo.close();
    awaitTold("bob: hello");
    assertThat(told()).containsExactly("ada: done", "bob: hello");
  }

  @Test
  void aDeviceThatIsGoneIsForgotten() {
    device(BOB, "webhook", "says so", false);
    device(BOB, "webhook", "status", false);
    device(BOB, "webhook", "works", false);
    hook.behave(
        (exchange, call) -> {
          switch (call.json().get("token").asString()) {
            case "says so" -> Provider.json(exchange, 200, "{\"gone\": true}");
            case "status" -> Provider.json(exchange, 410, "");
            default -> Provider.json(exchange, 204, "");
          }
        });
    browsing(CLEO, false);
    start();
    ConversationId group = group(BOB, CLEO);
    browser.answer(404, null);
    send(ADA, group, "hello");
    await().atMost(LONG).until(() -> devices() == 1);
    await().atMost(LONG).until(() -> count("delivered") == 1);
    assertThat(count("gone")).isEqualTo(3);
  }

  @Tag("thorough")
  @Test
  void aFailureIsTriedAgainForThatDeviceOnlyAndGivenUpInTheEnd() {
    hooked(BOB, CLEO);
    device(BOB, "webhook", "broken", false);
    AtomicInteger bobs = new AtomicInteger();
    hook.behave(
        (exchange, call) -> {
          String token = call.json().get("token").asString();
          boolean fails =
              token.equals("broken") || (token.startsWith("bob") && bobs.incrementAndGet() < 3);
          Provider.json(exchange, fails ? 500 : 200, "");
        });
    start();
    ConversationId group = group(BOB, CLEO);
    send(ADA, group, "hello");
    await().atMost(LONG).until(() -> count("dropped") == 1);
    assertThat(calls("cleo's phone")).isEqualTo(1);
    assertThat(calls("bob's phone")).isEqualTo(3);
    assertThat(calls("broken")).isEqualTo(5);
    assertThat(hook.calls().stream().filter(call -> call.body().contains("broken")))
        .extracting(call -> call.headers().get("webhook-id"))
        .as("an id for all attempts")
        .containsOnly(
            hook.calls().stream()
                .filter(call -> call.body().contains("broken"))
                .findFirst()
                .orElseThrow()
                .headers()
                .get("webhook-id"));
    send(ADA, group, "more");
    awaitTold("cleo: hello, more");
    assertThat(calls("broken")).as("it rests").isEqualTo(5);
  }

  private long calls(String token) {
    return hook.calls().stream()
        .filter(call -> call.json().get("token").asString().equals(token))
        .count();
  }

  @Tag("thorough")
  @Test
  void aPushServiceThatHasTooMuchIsAskedLater() {
    browsing(BOB, false);
    browser.answer(429, "3");
    start();
    ConversationId direct = direct(ADA, BOB);
    send(ADA, direct, "hello");
    await().atMost(LONG).until(() -> count("later") == 1);
    browser.answer(201, null);
    send(ADA, direct, "more");
    await().atMost(LONG).until(() -> !browser.received().isEmpty());
    assertThat(browser.received()).hasSize(1);
    assertThat(browser.received().get(0).texts()).containsExactly("hello", "more");
    assertThat(count("failed")).isZero();
  }

  @Test
  void aBrowserGetsWhatFitsAndOneNotificationAConversation() {
    browsing(BOB, false);
    start();
    ConversationId direct = direct(ADA, BOB);
    send(ADA, direct, "hello");
    await().atMost(LONG).until(() -> browser.received().size() == 1);
    PushService.Received first = browser.received().get(0);
    assertThat(first.texts()).containsExactly("hello");
    assertThat(first.json().has("token")).isFalse();
    assertThat(first.urgency()).isEqualTo("high");
    assertThat(first.ttl()).isEqualTo("604800");
    assertThat(first.topic()).hasSize(32).doesNotContain(direct.toString());

    send(ADA, direct, "x" + "\uD83D\uDE00".repeat(2_000));
    await().atMost(LONG).until(() -> browser.received().size() == 2);
    PushService.Received cut = browser.received().get(1);
    assertThat(cut.bytes()).isBetween(3_000, 3_072);
    assertThat(cut.topic()).isEqualTo(first.topic());
    assertThat(cut.texts()).hasSize(1);
    assertThat(cut.texts().get(0)).matches("x(\uD83D\uDE00)+");
    assertThat(cut.notification().get("messages").get(0).get("cut").asBoolean()).isTrue();
    assertThat(cut.json().get("badge").asLong()).isEqualTo(2);

    ConversationId group = group(BOB);
    send(ADA, group, "in the group");
    await().atMost(LONG).until(() -> browser.received().size() == 3);
    assertThat(browser.received().get(2).urgency()).isEqualTo("normal");
    assertThat(browser.received().get(2).topic()).isNotEqualTo(first.topic());
  }

  @Test
  void whereContentIsHiddenThereIsNoTextAndNoName() {
    browsing(BOB, true);
    hooked(BOB);
    start();
    ConversationId group = group(BOB);
    send(ADA, group, "a secret");
    await().atMost(LONG).until(() -> !browser.received().isEmpty() && !hook.calls().isEmpty());
    assertThat(hook.calls().get(0).body()).contains("a secret", "team", "ada");
    ObjectNode json = browser.received().get(0).json();
    assertThat(json.toString()).doesNotContain("secret", "team", "ada");
    assertThat(json.get("badge").asLong()).isEqualTo(1);
    assertThat(json.at("/notifications/0/unread").asLong()).isEqualTo(1);
  }

  @Test
  void furtherKindsOfDevicesComeWithTheClassPath() {
    device(BOB, "recorded", "anything", false);
    start();
    send(ADA, direct(ADA, BOB), "hello");
    await().atMost(LONG).until(() -> count("delivered") == 1);
    assertThat(RecordingPushSender.SENT)
        .extracting(sent -> sent.messages().get(0).text())
        .containsExactly("hello");
  }

  @Test
  void theOperatorCanHideAllContent() {
    hooked(BOB);
    start(Duration.ZERO, true);
    send(ADA, direct(ADA, BOB), "a secret");
    await().atMost(LONG).until(() -> !hook.calls().isEmpty());
    assertThat(hook.calls().get(0).body()).doesNotContain("secret", "ada");
  }

  @Test
  void allMembersOfALargeGroupAreToldOnceEvenIfTheFeedIsReplayed() {
    List<UserId> users =
        IntStream.range(0, 1_200).mapToObj(i -> UserId.of("user" + (1_000 + i))).toList();
    List<UserId> some = IntStream.range(0, 40).mapToObj(i -> users.get(i * 30)).toList();
    hooked(some.toArray(UserId[]::new));
    ConversationId group = group(users.toArray(UserId[]::new));
    start();
    send(ADA, group, "hello");
    await().atMost(LONG).until(() -> count("delivered") == 40);
    try (ChatEngine other = ChatEngine.builder().store(store).build();
        Feed feed =
            other
                .feed(
                    "push",
                    FeedOptions.DEFAULT,
                    batch -> {
                      throw new IllegalStateException();
                    })
                .join()) {
      feed.replay(Instant.EPOCH).join();
    }
    hooked(BOB);
    send(ADA, direct(ADA, BOB), "behind it");
    awaitTold("bob: behind it");
    send(ADA, group, "more");
    await().atMost(LONG).untilAsserted(() -> assertThat(count("delivered")).isEqualTo(81));
    assertThat(told())
        .filteredOn(one -> one.endsWith(": hello"))
        .hasSize(40)
        .doesNotHaveDuplicates();
  }
}
