package chat.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import chat.engine.protocol.JsonObjects;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** The text that Prometheus reads, by its rules and those of its linter. */
@Timeout(120)
final class MetricsFormatTest {
  private static final Pattern SAMPLE =
      Pattern.compile("([a-z][a-z0-9_]*)(?:\\{([a-z_]+=\"(?:[^\"\\\\\\n]|\\\\.)*\",?)*})? (\\S+)");

  @TempDir private Path directory;

  /** Of a server that has a bot, a webhook and moderation, with a user who has written. */
  private String scrape() throws Exception {
    try (Provider provider = new Provider((exchange, call) -> Provider.json(exchange, 200, "{}"));
        ChatServer server = TestServer.start("--integrations=" + integrations(provider))) {
      ChatClient ada = ChatClient.registered(server, "ada");
      ada.connect();
      ada.call("GET", "/v1/contact", "");
      return ada.exchange("GET", "/metrics", "").body();
    }
  }

  private Path integrations(Provider provider) throws Exception {
    ObjectNode file = JsonObjects.object();
    String secret = "0123456789abcdef";
    file.putArray("webhooks")
        .addObject()
        .put("name", "audit")
        .put("url", provider.url() + "/audit")
        .put("secret", secret);
    file.putObject("moderation")
        .put("url", provider.url())
        .put("secret", secret)
        .put("on_failure", "allow");
    return Files.writeString(directory.resolve("integrations.json"), file.toString());
  }

  @Test
  void everyMetricHasATextAndATypeAndANameByTheRules() throws Exception {
    Map<String, String> types = new HashMap<>();
    Map<String, String> texts = new HashMap<>();
    List<String> wrong = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String line : scrape().split("\n")) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        texts.put(words[2], words.length < 4 ? "" : words[3]);
      } else if (line.startsWith("# TYPE ")) {
        types.put(words[2], words[3]);
      } else {
        Matcher sample = SAMPLE.matcher(line);
        if (sample.matches()) {
          seen.add(metric(sample.group(1), types));
        } else {
          wrong.add("no sample: " + line);
        }
      }
    }
    types.forEach((name, type) -> wrong.addAll(faults(name, type, texts.getOrDefault(name, ""))));
    assertThat(wrong).isEmpty();
    assertThat(types.keySet()).isEqualTo(seen).contains("chat_connections", "system_cpus");
  }

  /** A histogram and a summary have samples of other names. */
  private static String metric(String sample, Map<String, String> types) {
    if (types.containsKey(sample)) {
      return sample;
    }
    String bare = sample.replaceFirst("_(bucket|sum|count)$", "");
    return types.containsKey(bare) ? bare : sample;
  }

  private static List<String> faults(String name, String type, String text) {
    List<String> faults = new ArrayList<>();
    if (text.isBlank()) {
      faults.add(name + " has no text");
    }
    if (type.equals("counter") != name.endsWith("_total")) {
      faults.add(name + " is a " + type);
    }
    if (name.matches(".*_(count|sum|bucket)")) {
      faults.add(name + " ends as the samples of a histogram do");
    }
    if (Arrays.stream(name.split("_"))
        .anyMatch(Set.of("s", "ms", "us", "ns", "sec", "b")::contains)) {
      faults.add(name + " has a unit that is abbreviated");
    }
    return faults;
  }

  /** Of the package prometheus. */
  @Test
  void promtoolAgrees() throws Exception {
    assumeTrue(
        Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(path -> Files.isExecutable(Path.of(path, "promtool"))),
        "there is no promtool");
    Path file = Files.writeString(directory.resolve("metrics.txt"), scrape());
    Process promtool =
        new ProcessBuilder("promtool", "check", "metrics")
            .redirectInput(file.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), UTF_8);
    assertThat(promtool.waitFor()).as(said).isZero();
  }
}
