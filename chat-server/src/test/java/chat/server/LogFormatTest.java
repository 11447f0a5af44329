package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.ConsoleAppender;
import chat.engine.protocol.JsonObjects;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The log as the server configures it, in both formats. */
@Timeout(180)
final class LogFormatTest {
  private static String line(String format) throws Exception {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    if (format != null) {
      context.putProperty("chat.log.format", format);
    }
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(LogFormatTest.class.getResource("/logback.xml"));
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    ConsoleAppender<ILoggingEvent> console =
        (ConsoleAppender<ILoggingEvent>) root.getAppender("console");
    LoggingEvent event =
        new LoggingEvent(
            "x", context.getLogger("chat.x"), Level.WARN, "a {} message", null, new Object[] {"b"});
    String line = new String(console.getEncoder().encode(event), StandardCharsets.UTF_8);
    context.stop();
    return line;
  }

  @Test
  void textHasDateAndZone() throws Exception {
    assertThat(line(null))
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) WARN .*chat.x: a b message\n");
  }

  @Test
  void wherePrintedLinesAreJsonAllAre() throws Exception {
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ChatServerMain.class.getName(),
                "--http-port=0",
                "--ws-port=0",
                "--database-url=" + TestServer.freshDatabase(),
                "--log-format=json")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader lines = server.inputReader(StandardCharsets.UTF_8)) {
      String said = "";
      while (!said.contains(" is ready")) {
        String line = lines.readLine();
        assertThat(line).as("after: " + said).isNotNull();
        said = JsonObjects.parse(line).path("formattedMessage").asString();
      }
      assertThat(said).contains("REST http://", "WebSocket ws://", "data jdbc:postgresql:");
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void jsonIsOneObjectOnALine() throws Exception {
    String line = line("json");
    assertThat(line.strip().lines()).hasSize(1);
    JsonNode json = JsonObjects.parse(line);
    assertThat(json.get("level").asString()).isEqualTo("WARN");
    assertThat(json.get("formattedMessage").asString()).isEqualTo("a b message");
    assertThat(json.get("timestamp").asLong()).isPositive();
  }
}
