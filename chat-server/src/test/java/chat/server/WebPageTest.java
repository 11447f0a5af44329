package chat.server;

import static chat.server.ChatPage.count;
import static chat.server.ChatPage.exists;
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
      ChatPage ada = new ChatPage(browser.open(url));
      ChatPage bob = new ChatPage(browser.open(url));
      bob.tab().becomePhone();
      ada.isAccessible("door");
      ada.signUp("ada");
      bob.signUp("bob");
      bob.isAccessible("nobody-phone");
      ada.begin("bob");
      ada.say("Hello, <b>Bob</b>, **read** https://example.org/a_b.");
      bob.open("ada");
      bob.seesMessages(1);
      bob.sees(".text", "Hello, <b>Bob</b>, read https://example.org/a_b."); // text, not markup
      bob.sees(".text strong", "read");
      assertThat(bob.tab().run("document.querySelector('.text a').href").asString())
          .isEqualTo("https://example.org/a_b");
      bob.say("Hello, Ada");
      ada.seesMessages(2);
      ada.tab().until(exists(".tick.read"));
      ada.isAccessible("conversation");
      bob.isAccessible("conversation-phone");

      ada.click("[aria-label='New conversation']");
      ada.click("[data-tab=group]");
      ada.isAccessible("new-group");
      ada.tab()
          .run(
              """
              (() => {
                const form = document.forms.make;
                form.elements.name.value = "hikers";
                form.querySelector("[value=bob]").checked = true;
                form.requestSubmit();
              })()""");
      ada.sees("#title", "hikers");
      bob.click(".back");
      bob.open("hikers");
      bob.say("Who comes along?");
      ada.seesMessages(1);
      ada.click("#who");
      ada.tab().until(count("#members .person", 2));
      ada.isAccessible("group");
      ada.tab().pressEscape();
      ada.click("#me");
      ada.tab().until(exists("dialog[data-name=settings] [name=last_seen]"));
      ada.isAccessible("settings");
      ada.tab().pressEscape();

      ada.tab().reload();
      ada.isIn();
      ada.sees("#title", "hikers");
      ada.seesMessages(1);
      ada.open("bob");
      ada.seesMessages(2);
      ada.tab().run("document.documentElement.dataset.theme = 'dark'");
      ada.isAccessible("dark");
      ada.tab().run("document.documentElement.dir = 'rtl'");
      ada.isAccessible("right-to-left");
      assertThat(browser.exceptions()).isEmpty();
      assertThat(browser.errors()).isEmpty(); // nothing that the content policy forbids, either
    }
  }

  @Test
  @Tag("thorough")
  void whatIsReadAndWrittenWhileTheServerIsAwayIsThereWhenItIsBack(@TempDir Path profile)
      throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    String[] flags = {
      "--http-port=" + FreePort.find(),
      "--ws-port=" + FreePort.find(),
      "--database-url=" + TestServer.freshDatabase(),
      "--database-user=postgres"
    };
    try (Browser browser = Browser.start(chromium.get(), profile)) {
      ChatPage ada;
      try (ChatServer server = TestServer.start(flags)) {
        ChatClient bob = ChatClient.registered(server, "bob");
        ada = new ChatPage(browser.open("http://127.0.0.1:" + server.httpPort() + "/"));
        ada.signUp("ada");
        ada.tab().until("navigator.serviceWorker.controller"); // has the page
        bob.call("POST", "/v1/contact/add", JsonObjects.object().put("friend_username", "ada"));
        bob.connect();
        bob.send("ada", "c1", "one");
        ada.open("bob");
        ada.seesMessages(1);
        ada.tab().until("!document.querySelector('.item .badge')");
      }
      ada.sees(".banner", "Connecting");
      ada.say("two");
      ada.say("three");
      ada.tab().until(count(".message.pending", 2));
      ada.tab().reload(); // from the browser's own store
      ada.sees("#title", "bob");
      ada.tab().until(count(".message", 3));
      try (ChatServer again = TestServer.start(flags)) {
        ada.seesMessages(3);
        assertThat(ada.tab().run(ChatPage.SHOWN).asString()).isEqualTo("one,two,three");
        ada.isIn();
      }
      assertThat(browser.exceptions()).isEmpty();
    }
  }

  @Test
  @Tag("thorough")
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
      Browser.Tab socket =
          browser.open("http://127.0.0.1:" + server.httpPort() + "/docs/websocket");
      socket.until(count("article", new ApiDescriptions().asyncapi().get("operations").size()));
      new ChatPage(socket).isAccessible("docs-websocket");
      ChatClient.registered(server, "ada");
      socket.run(
          """
          document.querySelector('[name=email]').value = 'ada@example.org';
          document.querySelector('[name=password]').value = 'correct horse';
          document.querySelector('.trial form').requestSubmit();
          """);
      socket.until(count(".frames .received", 1));
      socket.run(
          """
          document.querySelector('#send .example button').click();
          document.querySelector('.trial form:last-of-type').requestSubmit();
          """);
      socket.until("document.querySelector('.frames .received').textContent.includes('not_found')");
      assertThat(browser.exceptions()).isEmpty();
      assertThat(browser.errors()).isEmpty(); // nothing that the content policy forbids, either
    }
  }
}
