package chat.server.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.server.Browser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One Chromium for all tests of a JVM, which ends with it. Each person has a context of their own;
 * all of them are closed after each test, which fails if a page threw something that nobody caught.
 * Tests are skipped where there is no Chromium.
 */
final class SharedBrowser implements BeforeAllCallback, AfterEachCallback {
  private static final Object LOCK = new Object();
  private static Browser browser;

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    synchronized (LOCK) {
      if (browser == null) {
        Optional<Path> chromium = Browser.installed();
        assumeTrue(chromium.isPresent(), "no Chromium on the path");
        browser = start(chromium.get());
      }
    }
  }

  private static Browser start(Path chromium) throws Exception {
    Path profile = Files.createTempDirectory("chat-chromium");
    Browser started = Browser.start(chromium, profile);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(started, profile)));
    return started;
  }

  private static void end(Browser browser, Path profile) {
    try (var files = Files.walk(profile)) {
      browser.close();
      files.sorted((a, b) -> b.compareTo(a)).forEach(path -> path.toFile().delete());
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    } catch (Exception fault) {
      throw new IllegalStateException(fault);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      assertThat(browser.exceptions()).isEmpty();
    } finally {
      browser.closeAll();
    }
  }

  /** A person before the page, at the door. */
  ChatPage open(Screen screen, String url) {
    ChatPage page = blank(screen);
    page.tab().go(url);
    return page;
  }

  /** The same, before the page is fetched. */
  ChatPage blank(Screen screen) {
    Browser.Tab tab = browser.blank();
    switch (screen) {
      case DESKTOP -> tab.becomeDesktop();
      case PHONE -> tab.becomePhone();
    }
    return new ChatPage(tab, screen);
  }

  /** What the console shows in red. */
  Iterable<String> errors() {
    return browser.errors();
  }
}
