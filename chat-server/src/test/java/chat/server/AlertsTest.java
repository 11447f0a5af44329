package chat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.protocol.JsonObjects;
import chat.server.config.SettingsParser;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Alert rules, dashboard and runbook, against each other and against a running server. */
@Timeout(120)
final class AlertsTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", "."));
  private static final Path RULES = MODULE.resolve("deploy/alerts.yml");
  private static final Path DASHBOARD = MODULE.resolve("deploy/grafana/chat-server.json");
  private static final Path RUNBOOK = MODULE.resolve("docs/runbook.md");

  /** These are Prometheus' own. */
  private static final Set<String> OF_PROMETHEUS = Set.of("up", "ALERTS", "vector");

  /** Words of PromQL that stand where a name could. */
  private static final Set<String> KEYWORDS = Set.of("and", "or", "unless", "bool", "on", "by");

  private static final Pattern LABEL = Pattern.compile("(chat_[a-z_]+)\\{([^}]*)}");
  private static final Pattern VALUE = Pattern.compile("([a-z_]+)=(~?)\"([^\"]*)\"");

  @TempDir private Path directory;

  /** All that is asked of Prometheus, by rules and panels. */
  private static List<String> expressions() throws IOException {
    List<String> all = new ArrayList<>();
    Matcher rules =
        Pattern.compile("(?m)^ {8}expr: (?:>\\n((?: {10}.*\\n)+)|([^>].*)$)")
            .matcher(Files.readString(RULES));
    while (rules.find()) {
      all.add(rules.group(1) == null ? rules.group(2) : rules.group(1));
    }
    for (JsonNode panel : JsonObjects.parse(Files.readString(DASHBOARD)).get("panels")) {
      for (JsonNode target : panel.path("targets")) {
        all.add(target.get("expr").asString().replace("$__rate_interval", "1m"));
      }
    }
    return all;
  }

  private static List<String> alerts() throws IOException {
    return Pattern.compile("- alert: (\\w+)")
        .matcher(Files.readString(RULES))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  private static Set<String> metricsOf(String expression) {
    String bare = expression.replaceAll("\\{[^}]*}|\\[[^]]*]|\\b(by|on) *\\([^)]*\\)", " ");
    return Pattern.compile("\\b[A-Za-z_][A-Za-z0-9_]*\\b(?! *\\()")
        .matcher(bare)
        .results()
        .map(MatchResult::group)
        .filter(name -> !KEYWORDS.contains(name) && !OF_PROMETHEUS.contains(name))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private ObjectNode integration(String name, String value) {
    return JsonObjects.object()
        .put(name, value)
        .put("url", "http://127.0.0.1:9")
        .put("secret", "0123456789abcdef");
  }

  /** What a node tells that has all kinds of integrations. */
  private String scrape() throws Exception {
    ObjectNode integrations = JsonObjects.object();
    integrations.putArray("bots").add(integration("username", "helper").put("kind", "webhook"));
    integrations.putArray("webhooks").add(integration("name", "audit"));
    integrations.set("moderation", integration("on_failure", "allow"));
    Path file = directory.resolve("integrations.json");
    Files.writeString(file, integrations.toString());
    Path data = directory.resolve("data"); // with an embedded database there is a disk more
    try (ChatServer server =
        TestServer.start("--integrations=" + file, "--data-dir=" + data, "--files-dir=" + data)) {
      ChatClient ada = ChatClient.registered(server, "ada");
      System.gc(); // pauses are told once there was one
      return await()
          .until(
              () -> ada.exchange("GET", "/metrics", "").body(),
              scrape -> scrape.contains("jvm_gc_pause_seconds_sum"));
    }
  }

  @Test
  void everyMetricAndLabelOfRulesDashboardAndReadmeExists() throws Exception {
    String scrape = scrape();
    List<String> expressions = expressions();
    assertThat(expressions).hasSizeGreaterThan(80);
    for (String expression : expressions) {
      Set<String> metrics = metricsOf(expression);
      assertThat(metrics.isEmpty())
          .as(expression)
          .isEqualTo(expression.matches("(?s).*\\b(up|ALERTS)\\{.*"));
      for (String metric : metrics) {
        assertThat(scrape).as(expression).containsPattern("(?m)^" + metric + "[{ ]");
      }
      assertLabels(expression, scrape);
    }
    Matcher named =
        Pattern.compile("`(chat_[a-z_]+)`").matcher(Files.readString(MODULE.resolve("README.md")));
    while (named.find()) {
      assertThat(scrape)
          .as("in the README")
          .containsPattern("(?m)^" + named.group(1) + "(_count)?[{ ]");
    }
    assertThat(scrape).contains("chat_disk_free_bytes{directory=\"database\"}");
    assertThat(scrape).contains("chat_dead_letters_total{integration=\"bot:helper\"} 0.0");
  }

  /** But for routes and statuses, which are there when they have been seen. */
  private static void assertLabels(String expression, String scrape) {
    Matcher selectors = LABEL.matcher(expression);
    while (selectors.find()) {
      Matcher labels = VALUE.matcher(selectors.group(2));
      while (labels.find()) {
        String label = labels.group(1);
        if (!Set.of("job", "route", "status").contains(label)) {
          for (String value : labels.group(3).split("\\|", -1)) {
            assertThat(scrape)
                .as(expression)
                .containsPattern(
                    "(?m)^%s\\{[^}]*%s=\"%s\"".formatted(selectors.group(1), label, value));
          }
        }
      }
    }
  }

  @Test
  void everyAlertHasItsPlaceInTheRunbook() throws Exception {
    String rules = Files.readString(RULES);
    String runbook = Files.readString(RUNBOOK);
    List<String> alerts = alerts();
    assertThat(alerts).hasSizeGreaterThan(30).doesNotHaveDuplicates();
    List<String> described =
        Pattern.compile("(?m)^### (\\w+)$")
            .matcher(runbook)
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(described).containsExactlyInAnyOrderElementsOf(alerts);
    for (String alert : alerts) {
      assertThat(rules)
          .contains("runbook: chat-server/docs/runbook.md#" + alert.toLowerCase(Locale.ROOT));
      String section = runbook.substring(runbook.indexOf("### " + alert + "\n"));
      section = section.substring(0, (section + "\n##").indexOf("\n##"));
      assertThat(section.replace("**Look at** and **do:**", "**Look at:** **Do:**"))
          .as(alert)
          .contains("**Means:**", "**People notice:**", "**Look at:**", "**Do:**");
    }
    Set<String> mentioned =
        Pattern.compile("\\bChat[A-Z]\\w+")
            .matcher(runbook)
            .results()
            .map(MatchResult::group)
            .collect(Collectors.toSet());
    assertThat(alerts).containsAll(mentioned);
    assertThat(rules.split("severity: (critical|warning)}", -1)).hasSize(alerts.size() + 1);
  }

  @Test
  void theRunbookNamesCommandsSettingsAndPanelsThatThereAre() throws Exception {
    String runbook = Files.readString(RUNBOOK);
    String commands = AdminShell.run("--help").out();
    Matcher command = Pattern.compile("`[^`]*\\badmin ([a-z-]+)").matcher(runbook);
    int found = 0;
    while (command.find()) {
      found++;
      assertThat(commands).containsPattern("(?m)^  " + command.group(1) + " ");
    }
    assertThat(found).isGreaterThan(10);
    String settings = SettingsParser.help();
    Matcher option = Pattern.compile("`(--[a-z-]+)").matcher(runbook);
    while (option.find()) {
      assertThat(settings).contains("  " + option.group(1) + "=");
    }
    Set<String> panels = new TreeSet<>();
    for (JsonNode panel : JsonObjects.parse(Files.readString(DASHBOARD)).get("panels")) {
      panels.add(panel.get("title").asString());
    }
    Matcher panel =
        Pattern.compile("((?:`[A-Z][^`]*`(?:, | and )?)+) on the dashboard").matcher(runbook);
    while (panel.find()) {
      for (String title : panel.group(1).split("`", -1)) {
        if (title.matches("[A-Z].*")) {
          assertThat(panels).contains(title);
        }
      }
    }
  }

  /** By promtool, of the package prometheus. */
  @Test
  @Tag("thorough")
  void theAlertsFireWhenTheyShouldAndEveryExpressionParses() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "promtool"))),
        "there is no promtool");
    promtool("test", "rules", MODULE.resolve("src/test/promtool/alerts-test.yml").toString());
    promtool("check", "config", MODULE.resolve("deploy/prometheus.yml").toString());
    String tests = Files.readString(MODULE.resolve("src/test/promtool/alerts-test.yml"));
    assertThat(alerts()).allMatch(alert -> tests.contains("\"" + alert + "\""));
    StringBuilder recorded = new StringBuilder("groups: [{name: all, rules: [");
    int number = 0;
    for (String expression : expressions()) {
      recorded
          .append("{record: 'r" + number++ + "', expr: '")
          .append(expression.replaceAll("\\s+", " ").replace("'", "''"))
          .append("'},\n");
    }
    Path file = directory.resolve("all.yml");
    Files.writeString(file, recorded.append("]}]\n"));
    promtool("check", "rules", file.toString());
  }

  private static void promtool(String... arguments) throws Exception {
    Process tool =
        new ProcessBuilder(Stream.concat(Stream.of("promtool"), Stream.of(arguments)).toList())
            .redirectErrorStream(true)
            .start();
    String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(tool.waitFor()).as(said).isZero();
  }
}
