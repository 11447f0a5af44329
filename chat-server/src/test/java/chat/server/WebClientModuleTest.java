package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The engine's JavaScript client by itself, in a real browser: {@code client-tests.js} against a
 * server and a clock that do as the test says. The modules come from the class path, as a servlet
 * container serves them. Skipped where there is no Chromium.
 */
@Timeout(180)
final class WebClientModuleTest {
  @TempDir private static Path profile;
  private static ClientFiles files;
  private static Browser browser;
  private static Browser.Tab tab;
  private static String origin;

  @BeforeAll
  static void open() throws Exception {
    Optional<Path> chromium = Browser.installed();
    assumeTrue(chromium.isPresent(), "no Chromium on the path");
    files = ClientFiles.serve();
    browser = Browser.start(chromium.get(), profile);
    origin = files.origin();
    tab = browser.open(origin + "/");
    tab.run("import('/tests/client-tests.js').then((module) => { window.suite = module; })");
  }

  @AfterAll
  static void close() throws Exception {
    if (browser != null) {
      browser.close();
    }
    if (files != null) {
      files.close();
    }
  }

  @Tag("thorough")
  @Test
  void theServersClientWorksOnAPageOfAnotherOrigin() throws Exception {
    try (ChatServer server = TestServer.start("--origins=" + origin)) {
      ChatClient bob = ChatClient.registered(server, "bob");
      bob.connect();
      String base = "http://127.0.0.1:" + server.httpPort();
      String sent =
          """
          import('%1$s/chat-client.js').then(async ({ ChatClient }) => {
            const client = new ChatClient({ base: '%1$s', storage: null });
            await client.register('ada', 'ada@example.org', 'correct horse');
            await client.logIn('ada@example.org', 'correct horse');
            await client.connect();
            await client.request('add_contact', { username: 'bob' });
            await client.send({ to: 'bob', text: 'from elsewhere' });
            client.close();
            return client.user;
          })"""
              .formatted(base);
      assertThat(tab.run(sent).asString()).isEqualTo("ada");
      assertThat(bob.next("message").get("text").asString()).isEqualTo("from elsewhere");
    }
  }

  @TestFactory
  Stream<DynamicTest> theClient() {
    JsonNode names = tab.run("Object.keys(suite.tests)");
    assertThat(names.size()).isPositive();
    return StreamSupport.stream(names.spliterator(), false)
        .map(JsonNode::asString)
        .map(name -> DynamicTest.dynamicTest(name, () -> tab.run("suite.run(`" + name + "`)")));
  }
}
