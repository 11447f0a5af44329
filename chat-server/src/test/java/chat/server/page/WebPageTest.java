package chat.server.page;

import static chat.server.page.ChatPage.count;
import static chat.server.page.ChatPage.exists;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.JsonObjects;
import chat.server.ApiDescriptions;
import chat.server.Browser;
import chat.server.ChatClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Two people on the web page, in a real browser. Skipped where there is no Chromium. */
@Timeout(180)
final class WebPageTest {
  @RegisterExtension static final PageWorld WORLD = new PageWorld();

  @Test
  void twoPeopleTalkLiveAndFindItAgainAfterAReload() throws Exception {
    twoPeopleTalk(Screen.DESKTOP, Screen.PHONE);
  }

  @Test
  @Tag("thorough")
  void theyDoSoWithTheOtherScreenEach() throws Exception {
    twoPeopleTalk(Screen.PHONE, Screen.DESKTOP);
  }

  private static void twoPeopleTalk(Screen adas, Screen bobs) throws Exception {
    String adasName = WORLD.name("ada");
    String bobsName = WORLD.name("bob");
    ChatPage ada = WORLD.atTheDoor(adas);
    ChatPage bob = WORLD.atTheDoor(bobs);
    ada.isAccessible("door");
    ada.signUp(adasName);
    bob.signUp(bobsName);
    await("each is at another node")
        .until(() -> WORLD.nodes().connections().equals(List.of(1L, 1L)));
    bob.isAccessible("nobody");
    ada.begin(bobsName);
    ada.say("Hello, <b>Bob</b>, **read** https://example.org/a_b.");
    bob.open(adasName);
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

    ada.back();
    ada.click("[aria-label='New conversation']");
    ada.click("[data-tab=group]");
    ada.isAccessible("new-group");
    String hikers = WORLD.name("hikers");
    ada.fill("form[name=make] [name=name]", hikers);
    ada.click("form[name=make] [value=%s]".formatted(bobsName));
    ada.click("form[name=make] .button.primary");
    ada.sees("#title", hikers);
    bob.open(hikers);
    bob.say("Who comes along?");
    ada.seesMessages(1);
    ada.click("#who");
    ada.tab().until(count("#members .person", 2));
    ada.isAccessible("group");
    ada.tab().pressEscape();
    ada.tab().until(count("dialog", 0));
    ada.tab().reload();
    ada.isIn();
    ada.sees("#title", hikers);
    ada.seesMessages(1);
    ada.back();
    ada.click("#me");
    ada.tab().until(exists("dialog[data-name=settings] [name=last_seen]:enabled"));
    ada.isAccessible("settings");
    ada.tab().pressEscape();
    ada.tab().until(count("dialog", 0));
    ada.open(bobsName);
    ada.seesMessages(2);
    ada.tab().run("document.documentElement.dataset.theme = 'dark'");
    ada.isAccessible("dark");
    ada.tab().run("document.documentElement.dir = 'rtl'");
    ada.isAccessible("right-to-left");
    assertThat(WORLD.errors()).isEmpty(); // nothing that the content policy forbids, either
  }

  @ParameterizedTest
  @EnumSource
  @Tag("thorough")
  void whatIsReadAndWrittenWhileTheServerIsAwayIsThereWhenItIsBack(Screen screen) throws Exception {
    String bobsName = WORLD.name("bob");
    ChatClient bob = WORLD.registered("bob");
    ChatPage ada = WORLD.atTheDoor(screen);
    ada.signUp(WORLD.name("ada"));
    ada.tab().until("navigator.serviceWorker.controller"); // has the page
    WORLD.befriend(bob, "ada");
    bob.connect();
    WORLD.say(bob, "ada", "one");
    ada.open(bobsName);
    ada.seesMessages(1);
    ada.tab().until("!document.querySelector('.item .badge')");
    WORLD.nodes().stopNodes();
    ada.sees(".banner", "Connecting");
    ada.say("two");
    ada.say("three");
    ada.tab().until(count(".message.pending", 2));
    ada.tab().reload(); // from the browser's own store
    ada.sees("#title", bobsName);
    ada.tab().until(count(".message", 3));
    ada.toList();
    ada.click("#me");
    ada.tab().until(exists("dialog[data-name=settings]"));
    String privacy = "dialog[data-name=settings] [name=last_seen]:enabled";
    assertThat(ada.tab().run(count(privacy, 0)).asBoolean()).isTrue();
    WORLD.nodes().startNodes();
    ada.tab().until(exists(privacy)); // asked for as soon as somebody answers
    ada.tab().pressEscape();
    ada.open(bobsName);
    ada.seesMessages(3);
    assertThat(ada.tab().run(ChatPage.SHOWN).asString()).isEqualTo("one,two,three");
    ada.isIn();
  }

  /** Whoever loosens it changes this test, and says why. */
  @Test
  void thePageMayLoadAndRunNothingButItsOwn() throws Exception {
    String policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
            + "media-src blob:; connect-src 'self' ws: wss:; manifest-src 'self'; "
            + "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'; trusted-types chat";
    HttpResponse<String> page = get("");
    assertThat(page.headers().allValues("Content-Security-Policy")).containsExactly(policy);
    Matcher assets = Pattern.compile("assets/[^\"]+").matcher(page.body());
    int files = 0;
    for (; assets.find(); files++) {
      assertThat(get(assets.group()).headers().allValues("Content-Security-Policy"))
          .as(assets.group())
          .containsExactly(policy);
    }
    assertThat(files).isPositive();
  }

  /** A phone on a bad line loads it, too. Whoever needs more takes out something else. */
  @Test
  void theFirstLoadIsAtMost150KilobytesCompressed() throws Exception {
    Matcher assets = Pattern.compile("assets/[^\"]+").matcher(get("").body());
    Set<String> files = assets.results().map(MatchResult::group).collect(Collectors.toSet());
    files.add("");
    int bytes = 0;
    for (String file : files) {
      bytes += compressed(file).length;
    }
    assertThat(bytes).as("bytes of " + files).isBetween(50_000, 150_000);
  }

  private static byte[] compressed(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(WORLD.url() + path))
                .header("Accept-Encoding", "gzip")
                .build(),
            HttpResponse.BodyHandlers.ofByteArray())
        .body();
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(WORLD.url() + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @EnumSource
  @Tag("thorough")
  void theDocumentationShowsEveryCall(Screen screen) throws Exception {
    ChatPage rest = WORLD.blank(screen);
    Browser.Tab docs = rest.tab();
    docs.go(WORLD.url() + "docs");
    int calls = 0;
    for (JsonNode path : new ApiDescriptions().openapi().get("paths")) {
      calls += path.size();
    }
    docs.until(count(".opblock", calls));
    if (screen == Screen.DESKTOP) {
      makesACall(rest);
    }
    rest.isAccessible("docs-rest");
    ChatPage page = WORLD.blank(screen);
    page.tab().go(WORLD.url() + "docs/websocket");
    Browser.Tab socket = page.tab();
    socket.until(count("article", new ApiDescriptions().asyncapi().get("operations").size()));
    page.isAccessible("docs-websocket");
    ChatClient ada = WORLD.registered("ada");
    ada.call("POST", "/v1/groups", JsonObjects.object().put("name", "group of " + ada.name()));
    socket.run(
        """
          document.querySelector('[name=email]').value = '%s@example.org';
          document.querySelector('[name=password]').value = 'correct horse';
          document.querySelector('.trial form').requestSubmit();
          """
            .formatted(ada.name()));
    socket.until(count(".frames .received", 2)); // the welcome, and where everything stands
    socket.run(
        """
          document.querySelector('#members .example button').click();
          document.querySelector('.trial form:last-of-type').requestSubmit();
          """);
    socket.until("document.querySelector('.frames .received').textContent.includes('owner')");
    assertThat(WORLD.errors()).isEmpty(); // nothing that the content policy forbids, either
  }

  /** As somebody who reads the documentation: logs in there, and tries a call out. */
  private static void makesACall(ChatPage docs) throws Exception {
    ChatClient eve = WORLD.registered("eve");
    String token =
        eve.logIn(eve.name() + "@example.org", "correct horse")
            .body()
            .get("access_token")
            .asString();
    docs.click(".btn.authorize");
    docs.tab().until(exists(".modal-ux input"));
    docs.isAccessible("docs-login");
    docs.tab().run("document.querySelector('.modal-ux input').focus()");
    docs.tab().insert(token);
    docs.click(".modal-ux .authorize");
    docs.tab().until(exists(".modal-ux .btn-done"));
    docs.click(".modal-ux .btn-done");
    fillIn(docs, "uploadFile");
    String call = fillIn(docs, "contacts");
    docs.click(call + ".execute");
    docs.tab().until(exists(call + ".live-responses-table .response-col_status"));
    assertThat(
            docs.tab()
                .run("document.querySelector('%s.live-responses-table').innerText".formatted(call))
                .asString())
        .contains("200", "\"contacts\": []");
  }

  /** Opens a call, to be sent; where it is on the page. */
  private static String fillIn(ChatPage docs, String operation) {
    String call = "[id$=-%s] ".formatted(operation);
    docs.click(call + ".opblock-summary-control");
    docs.tab().until(exists(call + ".try-out__btn"));
    docs.click(call + ".try-out__btn");
    docs.tab().until(exists(call + ".execute"));
    return call;
  }
}
