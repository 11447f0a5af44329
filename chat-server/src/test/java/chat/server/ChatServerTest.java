package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.protocol.JsonObjects;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@Timeout(120)
final class ChatServerTest {
  private static ChatServer server;

  @BeforeAll
  static void start() throws Exception {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ChatServer start(Path data) throws IOException {
    return TestServer.start("--data-dir=" + data);
  }

  private static String unique(String name) {
    return name + UUID.randomUUID().toString().substring(0, 8);
  }

  private static ChatClient user(String name) throws Exception {
    return ChatClient.registered(server, unique(name));
  }

  private static void befriend(ChatClient one, ChatClient other) throws Exception {
    assertThat(
            one.call(
                    "POST",
                    "/v1/contact/add",
                    JsonObjects.object().put("friend_username", other.username))
                .status())
        .isEqualTo(201);
  }

  private static ObjectNode request(String type) {
    return JsonObjects.object().put("type", type);
  }

  private static String code(ObjectNode reply) {
    return reply.path("code").asString("no error: " + reply);
  }

  @Test
  void twoContactsTalkAndReadItAgainOverRest() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ObjectNode welcome = ada.connect();
    assertThat(welcome.get("user").get("username").asString()).isEqualTo(ada.username);
    assertThat(welcome.get("limits").get("max_text_bytes").asInt()).isEqualTo(16384);
    bob.connect();

    ObjectNode ack = ada.send(bob.username, "c1", "Grüße \"und\" 🎈");
    assertThat(ack.get("type").asString()).isEqualTo("ok");
    assertThat(ack.get("seq").asLong()).isEqualTo(1);
    assertThat(ack.get("duplicate").asBoolean()).isFalse();
    ObjectNode heard = bob.next("message");
    assertThat(heard.get("text").asString()).isEqualTo("Grüße \"und\" 🎈");
    assertThat(heard.get("from").asString()).isEqualTo(ada.username);
    assertThat(heard.get("message_id")).isEqualTo(ack.get("message_id"));

    ObjectNode again = ada.send(bob.username, "c1", "Grüße \"und\" 🎈");
    assertThat(again.get("duplicate").asBoolean()).isTrue();
    assertThat(again.get("message_id")).isEqualTo(ack.get("message_id"));
    assertThat(code(ada.send(bob.username, "c1", "something else"))).isEqualTo("conflict");

    String conversation = ack.get("conversation_id").asString();
    bob.ask(request("read").put("conversation_id", conversation).put("seq", 1));
    ObjectNode receipt = ada.next("receipt");
    assertThat(receipt.get("kind").asString()).isEqualTo("read");
    bob.text(request("typing").put("conversation_id", conversation).put("on", true).toString());
    assertThat(ada.next("typing").get("on").asBoolean()).isTrue();

    JsonNode page =
        bob.call("GET", "/v1/messages/friend?friendUsername=" + ada.username, "").body();
    assertThat(page.get("message")).hasSize(1);
    assertThat(page.get("message").get(0).get("content").asString()).startsWith("Grüße");
    ObjectNode history = ada.ask(request("history").put("conversation_id", conversation));
    assertThat(history.get("messages")).hasSize(1);
    JsonNode all = ada.call("GET", "/v1/messages", "").body().get("message");
    assertThat(all).hasSize(1);
  }

  @Test
  void requestsOfOneConnectionTakeEffectInTheOrderSent() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    bob.connect();
    ada.connect();
    for (int i = 0; i < 40; i++) { // the first ones wait until it is known who bob is
      ada.text(
          request("send")
              .put("to", bob.username)
              .put("client_message_id", "m" + i)
              .put("text", "number " + i)
              .toString());
    }
    for (int i = 0; i < 40; i++) {
      assertThat(bob.next("message").get("text").asString()).isEqualTo("number " + i);
    }
  }

  @Test
  void aGroupHasItsMembersOnly() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    ChatClient eve = user("eve");
    befriend(ada, bob);
    String name = unique("group");
    ObjectNode creation = JsonObjects.object().put("name", name);
    creation.putArray("members").add(bob.username);
    assertThat(ada.call("POST", "/v1/groups", creation).status()).isEqualTo(201);
    assertThat(ada.call("POST", "/v1/groups", creation).error()).isEqualTo("conflict");

    bob.connect();
    ada.connect();
    eve.connect();
    ObjectNode ack =
        ada.ask(
            request("send").put("group", name).put("client_message_id", "1").put("text", "hello"));
    assertThat(bob.next("message").get("text").asString()).isEqualTo("hello");
    String conversation = ack.get("conversation_id").asString();
    assertThat(code(eve.ask(request("history").put("conversation_id", conversation))))
        .isEqualTo("not_found");
    assertThat(eve.call("GET", "/v1/messages/group?groupName=" + name, "").status()).isEqualTo(404);
    assertThat(
            code(
                eve.ask(
                    request("send")
                        .put("group", name)
                        .put("client_message_id", "1")
                        .put("text", "let me in"))))
        .isEqualTo("not_found");

    ObjectNode strangers = JsonObjects.object().put("name", unique("other"));
    strangers.putArray("members").add(eve.username);
    assertThat(ada.call("POST", "/v1/groups", strangers).error()).isEqualTo("forbidden");

    ObjectNode removal = JsonObjects.object().put("name", name).put("userto_remove", bob.username);
    assertThat(ada.call("PUT", "/v1/groups/remove", removal).status()).isEqualTo(200);
    assertThat(bob.next("conversation").get("change").get("kind").asString()).isEqualTo("removed");
    assertThat(bob.call("GET", "/v1/messages/group?groupName=" + name, "").status()).isEqualTo(404);
  }

  @Test
  void aRenamedGroupIsFoundByItsNewNameAndTheOldOneIsFree() throws Exception {
    ChatClient ada = user("ada");
    ChatClient eve = user("eve");
    ada.connect();
    eve.connect();
    String old = unique("old");
    String taken = unique("taken");
    String conversation =
        ada.ask(request("create_group").put("name", old)).get("conversation_id").asString();
    eve.ask(request("create_group").put("name", taken));
    ObjectNode rename = request("rename_group").put("conversation_id", conversation);
    assertThat(code(ada.ask(rename.deepCopy().put("name", taken)))).isEqualTo("conflict");
    assertThat(code(eve.ask(rename.deepCopy().put("name", unique("stolen")))))
        .isEqualTo("not_found");
    String fresh = unique("fresh");
    assertThat(ada.ask(rename.put("name", fresh)).get("type").asString()).isEqualTo("ok");
    assertThat(ada.call("GET", "/v1/messages/group?groupName=" + fresh, "").status())
        .isEqualTo(200);
    assertThat(ada.call("GET", "/v1/messages/group?groupName=" + old, "").status()).isEqualTo(404);
    assertThat(eve.ask(request("create_group").put("name", old)).get("type").asString())
        .isEqualTo("ok");
  }

  @Test
  void renamingToTheSameNameAndAddingOneselfAreJudgedLikeAnyOther() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    bob.connect();
    String name = unique("hikers");
    ObjectNode create = request("create_group").put("name", name);
    create.putArray("members").add(ada.username).add(bob.username);
    String group = ada.ask(create).get("conversation_id").asString();
    ObjectNode rename = request("rename_group").put("conversation_id", group).put("name", name);
    assertThat(code(bob.ask(rename.deepCopy()))).isEqualTo("forbidden");
    assertThat(ada.ask(rename).get("type").asString()).isEqualTo("ok");
    assertThat(ada.call("PUT", "/v1/groups/add", members(name, ada)).error()).isEqualTo("conflict");
    assertThat(bob.call("PUT", "/v1/groups/add", members(name, bob)).error())
        .isEqualTo("forbidden");
  }

  @Test
  void theNameOfAGroupThatEverybodyHasLeftIsFree() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    bob.connect();
    String name = unique("burn");
    ObjectNode create = request("create_group").put("name", name);
    create.putArray("members").add(bob.username);
    String group = ada.ask(create.deepCopy()).get("conversation_id").asString();
    ObjectNode leave = request("leave").put("conversation_id", group);
    assertThat(bob.ask(leave.deepCopy()).get("type").asString()).isEqualTo("ok");
    assertThat(code(bob.ask(request("create_group").put("name", name)))).isEqualTo("conflict");
    assertThat(ada.ask(leave).get("type").asString()).isEqualTo("ok");
    ObjectNode second = bob.ask(request("create_group").put("name", name));
    assertThat(second.get("type").asString()).isEqualTo("ok");
    assertThat(second.get("conversation_id").asString()).isNotEqualTo(group);
    assertThat(code(ada.ask(create))).isEqualTo("conflict");
    assertThat(ada.call("GET", "/v1/messages/group?groupName=" + name, "").status()).isEqualTo(404);
    assertThat(bob.call("GET", "/v1/messages/group?groupName=" + name, "").status()).isEqualTo(200);
  }

  @Test
  void namesAreTheSameInAnyCaseAndAGroupKeepsItsName() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    String shouted = bob.username.toUpperCase(Locale.ROOT);
    String name = unique("hikers");
    ObjectNode create = request("create_group").put("name", name);
    create.putArray("members").add(bob.username).add(shouted);
    String group = ada.ask(create).get("conversation_id").asString();
    ObjectNode rename = request("rename_group").put("conversation_id", group).put("name", name);
    assertThat(ada.ask(rename).get("type").asString()).isEqualTo("ok");
    ObjectNode presence = request("presence");
    presence.putArray("usernames").add(shouted);
    assertThat(ada.ask(presence).get("users").get(0).get("username").asString())
        .isEqualTo(bob.username);
    ObjectNode promote = request("set_role").put("conversation_id", group).put("role", "admin");
    promote.putArray("members").add(shouted);
    assertThat(ada.ask(promote.deepCopy()).get("type").asString()).isEqualTo("ok");
    promote.putArray("members").add(unique("nobody"));
    assertThat(code(ada.ask(promote))).isEqualTo("not_found");
    ObjectNode remove = request("remove_members").put("conversation_id", group);
    remove.putArray("members").add(shouted);
    assertThat(ada.ask(remove).get("type").asString()).isEqualTo("ok");
  }

  /** Sends these attributes to the letter. */
  private static ObjectNode sendAttributes(
      ChatClient from, ChatClient to, String clientMessageId, String attributes) throws Exception {
    String id = "a" + UUID.randomUUID();
    ObjectNode send =
        request("send")
            .put("id", id)
            .put("to", to.username)
            .put("client_message_id", clientMessageId)
            .put("text", "x")
            .put("attributes", "as given");
    from.text(send.toString().replace("\"as given\"", attributes));
    return from.answerTo(id);
  }

  @Test
  void attributesComeBackAsTheyWereGiven() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    bob.connect();
    String given =
        "{\"big\":1E+300,\"small\":0.1,\"long\":0.1000000000000000055511151231257827,"
            + "\"exact\":123456789012345678901234567890,\"text\":\"x\"}";
    assertThat(sendAttributes(ada, bob, "1", given).get("type").asString()).isEqualTo("ok");
    JsonNode attributes = bob.next("message").get("attributes");
    assertThat(attributes.get("big").asDouble()).isEqualTo(1e300);
    assertThat(attributes.get("small").toString()).isEqualTo("0.1");
    assertThat(attributes.get("long").toString()).isEqualTo("0.1");
    assertThat(attributes.get("exact").toString()).isEqualTo("123456789012345678901234567890");
    assertThat(attributes.get("text").asString()).isEqualTo("x");
  }

  @Test
  void attributesWrittenInAnotherWayAreTheSameMessage() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    bob.connect();
    sendAttributes(ada, bob, "1", "{\"a\":1.1,\"b\":[{\"d\":1.0,\"c\":-0.0}]}");
    String again = "{\"b\":[{\"c\":0,\"d\":1}],\"a\":1.10}";
    assertThat(sendAttributes(ada, bob, "1", again).get("duplicate").asBoolean()).isTrue();
    String other = "{\"b\":[{\"c\":0,\"d\":2}],\"a\":1.10}";
    assertThat(code(sendAttributes(ada, bob, "1", other))).isEqualTo("conflict");
    assertThat(bob.next("message").get("attributes").toString())
        .isEqualTo("{\"a\":1.1,\"b\":[{\"c\":0,\"d\":1}]}");

    sendAttributes(ada, bob, "2", "{}");
    assertThat(ada.send(bob.username, "2", "x").get("duplicate").asBoolean()).isTrue();
    assertThat(bob.next("message").has("attributes")).isFalse();
  }

  @Test
  void aNumberThatNoDoubleHoldsReachesNobody() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    for (String number : List.of("1e999999999", "-1e309")) {
      ObjectNode refusal = sendAttributes(ada, bob, "1", "{\"a\":[{\"b\":" + number + "}]}");
      assertThat(code(refusal)).as(number).isEqualTo("bad_request");
    }
    assertThat(ada.send(bob.username, "1", "x").get("seq").asLong()).isEqualTo(1);
  }

  @Test
  void aWholeNumberMayBeWrittenWithAFraction() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    bob.connect();
    String talk = ada.send(bob.username, "1", "x").get("conversation_id").asString();
    ObjectNode reply =
        request("send")
            .put("conversation_id", talk)
            .put("client_message_id", "2")
            .put("text", "y")
            .put("reply_to", 1.0);
    assertThat(ada.ask(reply).get("type").asString()).isEqualTo("ok");
    bob.next("message");
    assertThat(bob.next("message").get("reply_to").toString()).isEqualTo("1");
    ObjectNode read = request("read").put("conversation_id", talk).put("seq", 2.0);
    assertThat(bob.ask(read).get("type").asString()).isEqualTo("ok");
    ObjectNode page = request("history").put("conversation_id", talk).put("limit", 1.0);
    assertThat(ada.ask(page).get("messages")).hasSize(1);
  }

  @Test
  void aStrangerCannotBeWrittenTo() throws Exception {
    ChatClient ada = user("ada");
    ChatClient eve = user("eve");
    eve.connect();
    assertThat(code(eve.send(ada.username, "1", "psst"))).isEqualTo("forbidden");
    assertThat(code(eve.send(unique("nobody"), "1", "psst"))).isEqualTo("not_found");
    assertThat(code(eve.send(eve.username, "1", "note"))).isEqualTo("bad_request");
  }

  @Test
  void syncTellsWhatWasMissed() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    ObjectNode first = ada.send(bob.username, "1", "one");
    ada.send(bob.username, "2", "two");
    ada.send(bob.username, "3", "three");
    bob.connect();
    ObjectNode state = (ObjectNode) bob.ask(request("sync")).get("conversations").get(0);
    assertThat(state.get("peer").asString()).isEqualTo(ada.username);
    assertThat(state.get("unread").asLong()).isEqualTo(3);
    ObjectNode sync = request("sync");
    sync.putObject("cursors")
        .putObject(first.get("conversation_id").asString())
        .put("seq", 1)
        .put("rev", 0);
    JsonNode missed = bob.ask(sync).get("conversations").get(0).get("missed");
    assertThat(missed).hasSize(2);
    assertThat(missed.get(0).get("text").asString()).isEqualTo("two");
  }

  @Test
  void contactsSeeEachOtherComeOnline() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    ada.connect();
    befriend(bob, ada);
    bob.connect();
    ObjectNode presence = ada.next("presence");
    assertThat(presence.get("username").asString()).isEqualTo(bob.username);
    assertThat(presence.get("online").asBoolean()).isTrue();
    JsonNode contact = ada.call("GET", "/v1/contact", "").body().get("contacts").get(0);
    assertThat(contact.get("online").asBoolean()).isTrue();
  }

  @Test
  void contactsWhoPartSeeNoMoreOfEachOtherAtOnceAndMayNotWriteByName() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    bob.connect();
    ada.next("presence");
    ObjectNode ack = ada.send(bob.username, "1", "hello");
    bob.next("message");
    ObjectNode part =
        request("remove_contact").put("username", ada.username.toUpperCase(Locale.ROOT));
    assertThat(bob.ask(part.deepCopy()).get("type").asString()).isEqualTo("ok");
    assertThat(bob.ask(part.deepCopy()).get("type").asString()).isEqualTo("ok");
    for (ChatClient one : List.of(ada, bob)) {
      assertThat(one.call("GET", "/v1/contact", "").body().get("contacts")).isEmpty();
      assertThat(one.ask(request("contacts")).get("users")).isEmpty();
    }
    assertThat(code(ada.send(bob.username, "2", "again"))).isEqualTo("forbidden");
    ObjectNode history =
        request("history").put("conversation_id", ack.get("conversation_id").asString());
    assertThat(ada.ask(history).get("messages")).hasSize(1);
    ObjectNode presence = request("presence");
    presence.putArray("usernames").add(bob.username);
    assertThat(ada.ask(presence).get("users")).isEmpty();
    befriend(ada, bob);
    assertThat(ada.next("presence").get("username").asString()).isEqualTo(bob.username);
  }

  @Test
  void anEmailAddressIsShownToItsOwnerOnly() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    ChatClient.Reply added =
        ada.call(
            "POST", "/v1/contact/add", JsonObjects.object().put("friend_username", bob.username));
    assertThat(added.status()).isEqualTo(201);
    assertThat(added.body().toString()).contains(bob.username).doesNotContain("@");
    assertThat(ada.call("GET", "/v1/contact", "").body().toString())
        .contains(bob.username)
        .doesNotContain("@");
    ada.connect();
    for (ObjectNode ask : List.of(request("contacts"), request("sync"))) {
      assertThat(ada.ask(ask).toString()).doesNotContain("@");
    }
    assertThat(bob.logIn(bob.username + "@example.org", "correct horse").body().toString())
        .contains(bob.username + "@example.org");
  }

  @Test
  void aMessageShowsSomethingOrIsRefusedInWordsForPeople() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    for (String blank :
        List.of("", " ", "\n\t", "\u00a0\u3000", "\u200b\u2060", "\u3164", "\u2800")) {
      ObjectNode refusal = ada.send(bob.username, "1", blank);
      assertThat(code(refusal)).isEqualTo("bad_request");
    }
    ada.text("{\"type\":\"send\",\"to\":\"x\",\"client_message_id\":\"1\",\"text\":\"a\\ud83d\"}");
    ObjectNode refusal = ada.next("error");
    assertThat(code(refusal)).isEqualTo("bad_request");
    assertThat(refusal.get("message").asString())
        .isEqualTo("text has a broken character, such as one half of an emoji");
    assertThat(ada.send(bob.username, "1", "\u2764\ufe0f").get("type").asString()).isEqualTo("ok");
  }

  @Test
  void fellowMembersMayAskForEachOthersPresenceAndStrangersLearnNothing() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    ChatClient carol = user("carol");
    befriend(ada, bob);
    befriend(ada, carol);
    bob.connect();
    ObjectNode ask = request("presence");
    ask.putArray("usernames").add(carol.username);
    assertThat(bob.ask(ask.deepCopy()).get("users")).isEmpty();
    ada.connect();
    ObjectNode create = request("create_group").put("name", unique("hikers"));
    create.putArray("members").add(bob.username).add(carol.username);
    assertThat(ada.ask(create).get("type").asString()).isEqualTo("ok");
    JsonNode users = bob.ask(ask.deepCopy()).get("users");
    assertThat(users).hasSize(1);
    assertThat(users.get(0).get("username").asString()).isEqualTo(carol.username);
    assertThat(users.get(0).get("online").asBoolean()).isFalse();
  }

  @Test
  void toReadMakesNoConversation() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    bob.connect();
    assertThat(ada.call("GET", "/v1/messages", "").body().get("message")).isEmpty();
    ChatClient.Reply page =
        ada.call("GET", "/v1/messages/friend?friendUsername=" + bob.username, "");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body().get("message")).isEmpty();
    assertThat(bob.ask(request("sync")).get("conversations")).isEmpty();
  }

  @Test
  void aTicketLetsOneConnectionInHoweverManyTry() throws Exception {
    ChatClient ada = user("ada");
    String query = "?otp=" + ada.ticket() + "&username=" + ada.username;
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Boolean>> tries = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Callable<Boolean> attempt =
            () -> {
              ChatClient one = new ChatClient(server);
              one.open(query);
              try {
                one.next("welcome");
                return true;
              } catch (AssertionError closed) {
                assertThat(one.closeCode()).isEqualTo(4401);
                return false;
              }
            };
        tries.add(threads.submit(attempt));
      }
      int in = 0;
      for (Future<Boolean> attempt : tries) {
        in += attempt.get() ? 1 : 0;
      }
      assertThat(in).isEqualTo(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void nobodyComesInWithoutATicketOfTheirOwn() throws Exception {
    ChatClient ada = user("ada");
    ChatClient eve = user("eve");
    for (String query :
        List.of(
            "",
            "?otp=nonsense&username=" + ada.username,
            "?otp=" + ada.ticket() + "&username=" + eve.username)) {
      ChatClient intruder = new ChatClient(server);
      intruder.open(query);
      assertThat(intruder.closeCode()).isEqualTo(4401);
    }
    ChatClient forger = new ChatClient(server);
    forger.accessToken = ada.accessToken.substring(0, ada.accessToken.length() - 4) + "AAAA";
    assertThat(forger.call("GET", "/v1/contact", "").status()).isEqualTo(401);
  }

  @Test
  void aLogOutClosesTheSocketsOfThatLoginOnly() throws Exception {
    ChatClient phone = user("ada");
    ChatClient laptop = new ChatClient(server);
    laptop.logIn(phone.username + "@example.org", "correct horse");
    phone.connect();
    laptop.connect();
    phone.call(
        "DELETE", "/v1/auth/logout", JsonObjects.object().put("refresh_token", phone.refreshToken));
    assertThat(phone.closeCode()).isEqualTo(4401);
    assertThat(laptop.ask(request("ping")).get("type").asString()).isEqualTo("ok");
    assertThat(phone.call("POST", "/v1/auth/otp", "").status()).isEqualTo(401);
  }

  @Test
  void theCallsOfChatBeWorkHereWithTheirTrailingSlashes() throws Exception {
    ChatClient lintang = user("lintang");
    ChatClient second = user("lintang2");
    ChatClient third = user("lintang3");
    for (ChatClient friend : List.of(second, third)) {
      assertThat(
              lintang
                  .call(
                      "POST",
                      "/v1/contact/add/",
                      JsonObjects.object().put("friend_username", friend.username))
                  .status())
          .isEqualTo(201);
    }
    assertThat(lintang.call("GET", "/v1/contact/", "").body().get("contacts")).hasSize(2);
    assertThat(lintang.call("GET", "/v1/messages", "").body().get("message")).isEmpty();
    String name = unique("KOMD");
    assertThat(lintang.call("POST", "/v1/groups", members(name, second)).status()).isEqualTo(201);
    ChatClient.Reply added = lintang.call("PUT", "/v1/groups/add", members(name, third));
    assertThat(added.status()).isEqualTo(200);
    assertThat(lintang.call("PUT", "/v1/groups/add", members(name, second)).status())
        .isEqualTo(409);
    ChatClient.Reply removed = lintang.call("PUT", "/v1/groups/remove", members(name, third));
    assertThat(removed.status()).isEqualTo(200);
    assertThat(removed.body().get("updated_at").asString())
        .isGreaterThan(added.body().get("updated_at").asString());
    assertThat(
            second.call("GET", "/v1/messages/group?groupName=" + name, "").body().get("messages"))
        .isEmpty();
    assertThat(third.call("GET", "/v1/messages/group?groupName=" + name, "").status())
        .isEqualTo(404);
  }

  private static ObjectNode members(String group, ChatClient member) {
    ObjectNode body = JsonObjects.object().put("name", group);
    body.putArray("members").add(member.username);
    return body;
  }

  private static HttpResponse<String> fromPage(String origin, String method, String path)
      throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "POST")
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static WebSocket socketFromPage(String origin) throws Exception {
    return HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .header("Origin", origin)
        .buildAsync(
            URI.create("ws://127.0.0.1:" + server.wsPort() + "/v1/ws"), new WebSocket.Listener() {})
        .get(10, TimeUnit.SECONDS);
  }

  @Test
  void pagesOfThisServerMayCallAndConnectAndThoseOfOthersMayNot() throws Exception {
    String allow = "Access-Control-Allow-Origin";
    String expose = "Access-Control-Expose-Headers";
    String own = "http://localhost:" + server.httpPort();
    socketFromPage(own).abort();
    assertThat(fromPage(own, "GET", "/healthz").headers().firstValue(allow)).contains(own);
    assertThat(fromPage(own, "GET", "/nowhere").headers().firstValue(expose))
        .hasValueSatisfying(
            headers -> assertThat(headers).contains("Retry-After", "ETag", "Content-Range"));
    HttpResponse<String> preflight = fromPage(own, "OPTIONS", "/v1/auth/login");
    assertThat(preflight.statusCode()).isEqualTo(200);
    assertThat(preflight.headers().firstValue("Access-Control-Allow-Headers"))
        .hasValueSatisfying(headers -> assertThat(headers).contains("Authorization", "Range"));

    String other = "https://evil.example";
    assertThatThrownBy(() -> socketFromPage(other))
        .hasCauseInstanceOf(WebSocketHandshakeException.class);
    assertThat(fromPage(other, "GET", "/healthz").headers().firstValue(allow)).isEmpty();
    assertThat(fromPage(other, "GET", "/nowhere").headers().firstValue(expose)).isEmpty();
    assertThat(fromPage(other, "OPTIONS", "/v1/auth/login").statusCode()).isEqualTo(405);
  }

  @Test
  void aRefreshTokenRotates() throws Exception {
    ChatClient ada = user("ada");
    ObjectNode old = JsonObjects.object().put("refresh_token", ada.refreshToken);
    ChatClient.Reply first = ada.call("POST", "/v1/auth/token", old);
    assertThat(first.status()).isEqualTo(201);
    String next = first.body().get("refresh_token").asString();
    assertThat(next).isNotEqualTo(ada.refreshToken);
    ObjectNode newer = JsonObjects.object().put("refresh_token", next);
    assertThat(ada.call("POST", "/v1/auth/token", newer).status()).isEqualTo(201);
    // two rotations ago: not even the grace for a lost reply covers it
    assertThat(ada.call("POST", "/v1/auth/token", old).status()).isEqualTo(401);
    assertThat(
            ada.call("POST", "/v1/auth/token", JsonObjects.object().put("refresh_token", "x"))
                .status())
        .isEqualTo(401);
  }

  @Test
  void registrationsAreCheckedAndUnique() throws Exception {
    ChatClient ada = user("ada");
    ChatClient other = new ChatClient(server);
    ObjectNode taken =
        JsonObjects.object()
            .put("username", ada.username.toUpperCase(java.util.Locale.ROOT))
            .put("email", "new" + ada.username + "@example.org")
            .put("password", "correct horse");
    assertThat(other.call("POST", "/v1/auth/register", taken).status()).isEqualTo(409);
    for (String username :
        List.of(
            "",
            "with space",
            "x".repeat(33),
            "a'; drop table",
            "a\u0000b",
            "\u0301a",
            "\u0301",
            "ada\ufe0f",
            "ada\u3164",
            "\u3164",
            "\u115fada",
            "ada\uffa0",
            "ada\u17b4",
            "ada\ud81b\udfe4")) {
      ObjectNode bad =
          JsonObjects.object()
              .put("username", username)
              .put("email", unique("a") + "@example.org")
              .put("password", "correct horse");
      assertThat(other.call("POST", "/v1/auth/register", bad).error()).isEqualTo("bad_request");
    }
    assertThat(other.logIn(ada.username + "@example.org", "wrong horse").status()).isEqualTo(401);
    assertThat(other.logIn("nobody@example.org", "wrong horse").status()).isEqualTo(401);
  }

  @Test
  void usernamesAreOfAnyScriptAndTheSameHoweverTheirAccentsAreWritten() throws Exception {
    ChatClient hindi = user("हिन्दी");
    ChatClient zoe = user("Zoe\u0308");
    assertThat(hindi.username).startsWith("हिन्दी");
    assertThat(zoe.username).startsWith("Zo\u00eb");
    String composed = zoe.username;
    zoe.username = composed.replace("\u00eb", "e\u0308");
    befriend(hindi, zoe);
    zoe.connect();
    hindi.connect();
    assertThat(hindi.send(zoe.username.toUpperCase(Locale.ROOT), "1", "x").path("seq").asLong())
        .isEqualTo(1);
    ObjectNode create = request("create_group").put("name", unique("g"));
    create.putArray("members").add(zoe.username).add(composed);
    assertThat(hindi.ask(create).get("type").asString()).isEqualTo("ok");
    assertThat(zoe.send(hindi.username, "1", "x").path("seq").asLong()).isEqualTo(2);
    ObjectNode taken =
        JsonObjects.object()
            .put("username", zoe.username)
            .put("email", unique("z") + "@example.org")
            .put("password", "correct horse");
    assertThat(zoe.call("POST", "/v1/auth/register", taken).status()).isEqualTo(409);
  }

  @Test
  void malformedRequestsGetErrorsAndTheConnectionLivesOn() throws Exception {
    ChatClient ada = user("ada");
    ada.connect();
    for (String bad :
        List.of(
            "{",
            "[]",
            "42",
            "{\"type\":7}",
            "{}",
            "[".repeat(5000),
            "{\"type\":\"ping\",\"a\":" + "1".repeat(129) + "}",
            "{\"a\":".repeat(100) + "1" + "}".repeat(100),
            "{\"type\":\"send\"}",
            "{\"type\":\"send\",\"to\":\"x\",\"group\":\"y\",\"client_message_id\":\"1\",\"text\":\"t\"}",
            "{\"type\":\"history\",\"conversation_id\":\"-1\"}",
            "{\"type\":\"history\",\"conversation_id\":\"12\",\"limit\":1.5}",
            "{\"type\":\"history\",\"conversation_id\":\"12\",\"limit\":1e400}",
            "{\"type\":\"history\",\"conversation_id\":\"12\",\"before\":9007199254740993.0}",
            "{\"type\":\"history\",\"conversation_id\":\"12\",\"before\":9223372036854775808}",
            "{\"type\":\"history\",\"conversation_id\":\"12\",\"limit\":101.0}",
            "{\"type\":\"sync\",\"cursors\":[]}",
            "{\"type\":\"ping\",\"id\":\"" + "x".repeat(65) + "\"}")) {
      ada.text(bad);
      assertThat(code(ada.next("error"))).as(bad).isEqualTo("bad_request");
    }
    assertThat(code(ada.ask(request("dance")))).isEqualTo("unknown_type");
    assertThat(
            code(
                ada.ask(
                    request("send")
                        .put("conversation_id", "12345")
                        .put("client_message_id", "1")
                        .put("text", "x"))))
        .isEqualTo("not_found");
    assertThat(ada.ask(request("ping")).get("type").asString()).isEqualTo("ok");
  }

  @Test
  void tooLongATextIsRefusedAndTooManyRequestsAreServedMoreSlowly() throws Exception {
    ChatClient ada = user("ada");
    ChatClient bob = user("bob");
    befriend(ada, bob);
    ada.connect();
    assertThat(code(ada.send(bob.username, "1", "x".repeat(16_385)))).isEqualTo("too_large");
    long begun = System.nanoTime();
    for (int i = 0; i < 200; i++) {
      ada.text(request("ping").toString());
    }
    for (int i = 0; i < 200; i++) {
      ada.next("ok");
    }
    // 50 a second, and two seconds' worth at once
    assertThat(System.nanoTime() - begun).isGreaterThan(1_500_000_000L);
  }

  @Test
  void wrongPathsMethodsAndBodiesGetTheirErrors() throws Exception {
    ChatClient anyone = new ChatClient(server);
    assertThat(anyone.call("GET", "/nowhere", "").status()).isEqualTo(404);
    assertThat(anyone.call("GET", "/v1/auth/login", "").status()).isEqualTo(405);
    assertThat(anyone.call("POST", "/v1/auth/login", "{").status()).isEqualTo(400);
    assertThat(anyone.call("POST", "/v1/auth/login", "x".repeat(300_000)).status()).isEqualTo(413);
    assertThat(anyone.call("GET", "/v1/contact/", "").status()).isEqualTo(401);
    assertThat(anyone.call("GET", "/healthz", "").status()).isEqualTo(200);
    assertThat(anyone.call("GET", "/readyz", "").body().get("status").asString())
        .isEqualTo("ready");
  }

  @Test
  void aDirectoryInUseIsRefusedAndDataSurvivesARestart(@TempDir Path own) throws Exception {
    ChatServer first = start(own);
    ChatClient ada = ChatClient.registered(first, "ada");
    ChatClient bob = ChatClient.registered(first, "bob");
    befriend(ada, bob);
    ada.connect();
    ada.send("bob", "1", "remember this");
    assertThatThrownBy(() -> start(own)).hasMessageContaining("another chat-server uses");
    first.close();
    assertThat(ada.next("bye").get("reason").asString()).isEqualTo("draining");
    assertThat(ada.closeCode()).isEqualTo(1012);

    try (ChatServer second = start(own)) {
      ChatClient returned = new ChatClient(second);
      assertThat(returned.logIn("bob@example.org", "correct horse").status()).isEqualTo(201);
      returned.connect();
      JsonNode state = returned.ask(request("sync")).get("conversations").get(0);
      assertThat(state.get("last_message").get("text").asString()).isEqualTo("remember this");
    }
  }
}
