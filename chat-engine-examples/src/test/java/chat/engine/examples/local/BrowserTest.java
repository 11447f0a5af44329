package chat.engine.examples.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class BrowserTest {
  private static final URI PAGE = URI.create("http://127.0.0.1:8080");

  @Test
  void aPageOpensWhereThereIsADesktop() {
    assertThat(Browser.opener("Linux", Map.of("DISPLAY", ":0"))).containsExactly("xdg-open");
    assertThat(Browser.opener("Linux", Map.of("WAYLAND_DISPLAY", "w"))).containsExactly("xdg-open");
    assertThat(Browser.opener("Mac OS X", Map.of())).containsExactly("open");
    assertThat(Browser.opener("Windows 11", Map.of())).contains("rundll32");
  }

  @Test
  void nothingOpensWithoutADesktop() {
    assertThat(Browser.opener("Linux", Map.of("DISPLAY", ""))).isEmpty();
    assertThat(Browser.opener("Mac OS X", Map.of("SSH_CONNECTION", "x"))).isEmpty();
    assertThat(Browser.open(PAGE, "Linux", Map.of())).isFalse();
  }
}
