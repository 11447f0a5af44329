package chat.server;

import static chat.server.ChatPage.CONNECTED;
import static chat.server.ChatPage.SHOWN;
import static chat.server.ChatPage.choose;
import static chat.server.ChatPage.count;
import static chat.server.ChatPage.signUp;
import static chat.server.ChatPage.submit;
import static chat.server.ChatPage.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.protocol.JsonObjects;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Two people on the web page, in a real browser. Skipped where there is no Chromium. */
@Timeout(180)
final class WebPageTest {
  @Test
  void twoPeopleTalkLiveAndFindItAgainAfterAReload(@TempDir Path profile) throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    try (ChatServer server = TestServer.start();
        Browser browser = Browser.start(chromium.get(), profile)) {
      String url = "http://127.0.0.1:" + server.httpPort() + "/";
      Browser.Tab ada = browser.open(url);
      Browser.Tab bob = browser.open(url);
      ada.run(signUp("ada"));
      bob.run(signUp("bob"));
      ada.until(CONNECTED);
      bob.until(CONNECTED);

      ada.run(submit("add", "who", "bob"));
      ada.until(count("#talks button", 1));
      ada.run(choose("bob"));
      ada.run(submit("write", "text", "Hello, <b>Bob</b>"));
      bob.until(count("#talks button", 1));
      bob.run(choose("ada"));
      bob.until(count("#messages li", 1));
      assertThat(bob.run("document.getElementById('messages').textContent").asString())
          .contains("Hello, <b>Bob</b>"); // as text, not as markup
      bob.run(submit("write", "text", "Hello, Ada"));
      ada.until(count("#messages li", 2));

      ada.run(
          """
          document.getElementById("make").elements.members.value = "bob";
          """
              + submit("make", "name", "hikers"));
      ada.until(count("#talks button", 2));
      bob.until(count("#talks button", 2));
      bob.run(choose("hikers"));
      bob.until("document.getElementById('title').textContent.includes('hikers')");
      bob.run(submit("write", "text", "Who comes along?"));

      ada.reload();
      ada.until(count("#talks button", 2));
      ada.run(choose("hikers"));
      ada.until(count("#messages li", 1));
      ada.run(choose("bob"));
      ada.until(count("#messages li", 2));
      assertThat(browser.exceptions()).isEmpty();
      assertThat(browser.errors()).isEmpty();
    }
  }

  @Test
  @Tag("thorough")
  void whatIsWrittenAtOnceAndWhileTheServerIsAwayArrivesOnceInOneOrder(
      @TempDir Path data, @TempDir Path profile) throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    String[] flags = {
      "--http-port=" + FreePort.find(), "--ws-port=" + FreePort.find(), "--data-dir=" + data
    };
    try (Browser browser = Browser.start(chromium.get(), profile)) {
      Browser.Tab ada;
      Browser.Tab bob;
      try (ChatServer server = TestServer.start(flags)) {
        String url = "http://127.0.0.1:" + server.httpPort() + "/";
        ada = browser.open(url);
        bob = browser.open(url);
        ada.run(signUp("ada"));
        bob.run(signUp("bob"));
        ada.until(CONNECTED);
        bob.until(CONNECTED);
        ada.run(submit("add", "who", "bob"));
        ada.until(count("#talks button", 1));
        ada.run(choose("bob"));
        ada.run(write("first"));
        bob.until(count("#talks button", 1));
        bob.run(choose("ada"));
        for (int i = 0; i < 20; i++) { // nobody waits for anything
          ada.run(write("a" + i));
          bob.run(write("b" + i));
        }
        ada.until(count("#messages li:not(.pending)", 41));
        bob.until(count("#messages li:not(.pending)", 41));
        assertThat(ada.run(SHOWN)).isEqualTo(bob.run(SHOWN));
      }
      bob.until("document.getElementById('notice').textContent.includes('Reconnecting')");
      bob.run(write("are you there?"));
      bob.until(count("#messages li.pending", 1));
      try (ChatServer again = TestServer.start(flags)) {
        ada.until(count("#messages li:not(.pending)", 42));
        bob.until(count("#messages li:not(.pending)", 42));
        assertThat(ada.run(SHOWN)).isEqualTo(bob.run(SHOWN));
        assertThat(ada.run(SHOWN).asString()).endsWith(",are you there?");
      }
      assertThat(browser.exceptions()).isEmpty();
    }
  }

  @Test
  @Tag("thorough")
  void aConversationThatIsOpenedWhileTheServerIsAwayFillsWhenItIsBack(
      @TempDir Path data, @TempDir Path profile) throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    String[] flags = {
      "--http-port=" + FreePort.find(), "--ws-port=" + FreePort.find(), "--data-dir=" + data
    };
    try (Browser browser = Browser.start(chromium.get(), profile)) {
      Browser.Tab ada;
      try (ChatServer server = TestServer.start(flags)) {
        ada = browser.open("http://127.0.0.1:" + server.httpPort() + "/");
        ada.run(signUp("ada"));
        ada.until(CONNECTED);
        ChatClient bob = ChatClient.registered(server, "bob");
        bob.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "ada"));
        bob.connect();
        bob.send("ada", "c1", "one");
        bob.send("ada", "c2", "two");
        ada.until(count("#talks .badge", 1));
      }
      ada.until("document.getElementById('notice').textContent.includes('Reconnecting')");
      ada.run(choose("bob"));
      ada.run(write("three"));
      ada.until(count("#messages li.pending", 1));
      try (ChatServer again = TestServer.start(flags)) {
        ada.until(count("#messages li:not(.pending)", 3));
        assertThat(ada.run(SHOWN).asString()).isEqualTo("one,two,three");
        ada.until(CONNECTED);
        ada.until(count("#talks .badge", 0));
      }
      assertThat(browser.exceptions()).isEmpty();
    }
  }

  @Test
  @Tag("thorough")
  void whatWasNotSentYetOutlivesAReload(@TempDir Path data, @TempDir Path profile)
      throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    String[] flags = {
      "--http-port=" + FreePort.find(), "--ws-port=" + FreePort.find(), "--data-dir=" + data
    };
    try (Browser browser = Browser.start(chromium.get(), profile)) {
      Browser.Tab ada;
      try (ChatServer server = TestServer.start(flags)) {
        ada = browser.open("http://127.0.0.1:" + server.httpPort() + "/");
        ada.run(signUp("ada"));
        ada.until(CONNECTED);
        ChatClient bob = ChatClient.registered(server, "bob");
        bob.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "ada"));
        ada.run(submit("add", "who", "bob"));
        ada.until(count("#talks button", 1));
        ada.run(choose("bob"));
      }
      ada.until("document.getElementById('notice').textContent.includes('Reconnecting')");
      ada.run(
          "window.WebSocket = function () { throw new Error('no way out before the reload'); }");
      ada.run(write("one"));
      ada.run(write("two"));
      ada.until(count("#messages li.pending", 2));
      try (ChatServer again = TestServer.start(flags)) {
        ada.reload();
        ada.until(CONNECTED);
        ada.until(count("#talks button", 1));
        ada.run(choose("bob"));
        ada.until(count("#messages li:not(.pending)", 2));
        assertThat(ada.run(SHOWN).asString()).isEqualTo("one,two");
      }
      assertThat(browser.exceptions()).isEmpty();
    }
  }

  @Test
  void theDocumentationShowsEveryCall(@TempDir Path profile) throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    try (ChatServer server = TestServer.start();
        Browser browser = Browser.start(chromium.get(), profile)) {
      Browser.Tab docs = browser.open("http://127.0.0.1:" + server.httpPort() + "/docs");
      int calls = 0;
      for (JsonNode path : new ApiDescriptions().openapi().get("paths")) {
        calls += path.size();
      }
      docs.until(count(".opblock", calls));
      assertThat(browser.exceptions()).isEmpty();
      assertThat(browser.errors()).isEmpty(); // nothing that the content policy forbids, either
    }
  }
}
