package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.protocol.JsonObjects;
import chat.server.ApiDescriptions;
import chat.server.Browser;
import chat.server.ChatClient;
import chat.server.ChatServer;
import chat.server.FreePort;
import chat.server.TestServer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Two people on the web page, in a real browser. Skipped where there is no Chromium. */
@Timeout(180)
final class WebPageTest {
  @RegisterExtension static final SharedBrowser BROWSER = new SharedBrowser();

  @Test
  void twoPeopleTalkLiveAndFindItAgainAfterAReload() throws Exception {
    try (ChatServer server = TestServer.start()) {
      String url = "http://127.0.0.1:" + server.httpPort() + "/";
      ChatPage ada = BROWSER.open(Screen.DESKTOP, url);
      ChatPage bob = BROWSER.open(Screen.PHONE, url);
      ada.isAccessible("door");
      ada.signUp("ada");
      bob.signUp("bob");
      bob.isAccessible("nobody");
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
      bob.isAccessible("conversation");

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
      assertThat(BROWSER.errors()).isEmpty(); // nothing that the content policy forbids, either
    }
  }

  @Test
  @Tag("thorough")
  void whatIsReadAndWrittenWhileTheServerIsAwayIsThereWhenItIsBack() throws Exception {
    String[] flags = {
      "--http-port=" + FreePort.find(),
      "--ws-port=" + FreePort.find(),
      "--database-url=" + TestServer.freshDatabase(),
      "--database-user=postgres"
    };
    ChatPage ada;
    try (ChatServer server = TestServer.start(flags)) {
      ChatClient bob = ChatClient.registered(server, "bob");
      ada = BROWSER.open(Screen.DESKTOP, "http://127.0.0.1:" + server.httpPort() + "/");
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
  }

  @Test
  @Tag("thorough")
  void theDocumentationShowsEveryCall() throws Exception {
    try (ChatServer server = TestServer.start()) {
      Browser.Tab docs =
          BROWSER.open(Screen.DESKTOP, "http://127.0.0.1:" + server.httpPort() + "/docs").tab();
      int calls = 0;
      for (JsonNode path : new ApiDescriptions().openapi().get("paths")) {
        calls += path.size();
      }
      docs.until(count(".opblock", calls));
      ChatPage page =
          BROWSER.open(Screen.DESKTOP, "http://127.0.0.1:" + server.httpPort() + "/docs/websocket");
      Browser.Tab socket = page.tab();
      socket.until(count("article", new ApiDescriptions().asyncapi().get("operations").size()));
      page.isAccessible("docs-websocket");
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
      assertThat(BROWSER.errors()).isEmpty(); // nothing that the content policy forbids, either
    }
  }
}
