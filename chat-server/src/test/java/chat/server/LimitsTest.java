package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import chat.server.config.SettingsParser;
import chat.server.security.SecurityEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tables of limits, against the settings and the metrics that there are. */
@Timeout(120)
final class LimitsTest {
  private static final Path TABLE = Path.of(System.getProperty("basedir", "."), "docs/limits.md");
  private static final Pattern OPTION = Pattern.compile("--[a-z-]+");

  private record Row(String fallback, String setting, String metric) {}

  private static List<Row> rows() throws Exception {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(TABLE)) {
      String[] cells = line.split("\\|", -1);
      if (cells.length == 7 && !line.startsWith("|---") && !cells[1].strip().equals("what")) {
        rows.add(new Row(cells[2].strip(), cells[3].strip(), cells[5].strip()));
      }
    }
    return rows;
  }

  private static String bare(String code) {
    return code.replace("`", "");
  }

  @Test
  void everySettingThatLimitsIsInTheTableWithItsDefault() throws Exception {
    String help = SettingsParser.help();
    Set<String> limits = new TreeSet<>();
    Matcher options = OPTION.matcher(help);
    while (options.find()) {
      if (Stream.of("--max-", "-per-", "--heartbeat").anyMatch(options.group()::contains)) {
        limits.add(options.group());
      }
    }
    Set<String> described = new TreeSet<>();
    for (Row row : rows()) {
      if (!row.setting().isEmpty()) {
        String option = bare(row.setting());
        described.add(option);
        // where it begins a line, and what it says up to its default
        Matcher said =
            Pattern.compile("(?s)\\n +" + option + "=.*?Default: *\\s*(\\S+)").matcher(help);
        assertThat(said.find()).as(option).isTrue();
        assertThat(said.group(1)).as(option).isEqualTo(row.fallback());
      }
    }
    assertThat(described).isEqualTo(limits);
  }

  @Test
  void everyMetricInTheTableExistsAndEverySecurityEventIsCounted() throws Exception {
    try (ChatServer server = TestServer.start()) {
      ChatClient client = new ChatClient(server);
      client.exchange("GET", "/healthz", "");
      String scrape = client.exchange("GET", "/metrics", "").body();
      for (Row row : rows()) {
        if (!row.metric().isEmpty()) {
          assertThat(scrape).containsPattern("(?m)^" + Pattern.quote(bare(row.metric())) + "[{ ]");
        }
      }
      for (SecurityEvent event : SecurityEvent.values()) {
        assertThat(scrape)
            .contains("chat_security_events_total{event=\"" + event.label() + "\"} 0.0");
      }
    }
  }
}
