package chat.server;

import chat.server.admin.cli.AdminCommandLine;
import chat.server.config.LogFormat;
import chat.server.config.Settings;
import chat.server.config.SettingsParser;
import chat.server.database.DatabaseAddress;
import chat.server.security.WithoutSecrets;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code java -jar chat-server.jar}; {@code --help} says what can be set. */
public final class ChatServerMain {
  private static final int WRONG_USAGE = 2;
  private static final int OUT_OF_MEMORY = 3;

  /** Would write an address that it does not understand as it is. What is wrong is thrown too. */
  private static final java.util.logging.Logger DRIVER_LOG =
      java.util.logging.Logger.getLogger("org.postgresql");

  private ChatServerMain() {}

  /** Runs until the process is told to stop (Ctrl-C, SIGTERM), then drains. */
  public static void main(String[] args) throws InterruptedException {
    // Before any library looks at it: password4j writes "argon2\u0131d" into hashes under Turkish.
    Locale.setDefault(Locale.ROOT);
    DRIVER_LOG.setLevel(Level.OFF);
    if (args.length > 0 && args[0].equals("admin")) {
      System.exit(administer(Arrays.copyOfRange(args, 1, args.length)));
      return;
    }
    Settings settings;
    try {
      SettingsParser.Parsed parsed = SettingsParser.parse(args, System.getenv());
      if (parsed.help()) {
        System.out.println(SettingsParser.help());
        return;
      }
      if (parsed.version()) {
        System.out.println(BuildInfo.read());
        return;
      }
      settings = parsed.settings();
    } catch (SettingsParser.InvalidSettingsException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(WRONG_USAGE);
      return;
    }
    // before the first logger, which reads it
    System.setProperty("chat.log.format", settings.logFormat().name().toLowerCase(Locale.ROOT));
    Logger log = LoggerFactory.getLogger(ChatServerMain.class);
    endWithoutMemory(log);
    List<String> unknown = SettingsParser.unknownVariables(System.getenv());
    if (!unknown.isEmpty()) {
      log.warn("these variables name no setting and have no effect: {}", unknown);
    }
    ServerRun run = ServerRun.untilStopped(settings);
    try {
      ChatServer server = run.start();
      if (server != null) {
        sayReady(settings, server, log);
      }
    } catch (IOException | RuntimeException fault) {
      System.err.println("chat-server cannot start: " + reason(fault));
      System.exit(1);
      return;
    }
    run.awaitEnd();
  }

  /** As lines for people, or in the log where the standard output is for machines. */
  private static void sayReady(Settings settings, ChatServer server, Logger log) {
    String rest = "http://" + settings.host() + ":" + server.httpPort() + "/";
    String webSocket = "ws://" + settings.host() + ":" + server.wsPort() + "/v1/ws";
    Object data =
        settings.databaseUrl() != null
            ? new DatabaseAddress(settings.databaseUrl(), "", "").shownUrl()
            : settings.dataDir().toAbsolutePath().normalize();
    if (settings.logFormat() == LogFormat.JSON) {
      log.info(
          "{} is ready: REST {}, WebSocket {}, data {}", BuildInfo.read(), rest, webSocket, data);
    } else {
      System.out.printf(
          "%s is ready%n  REST       %s%n  WebSocket  %s%n  data       %s%n",
          BuildInfo.read(), rest, webSocket, data);
    }
  }

  /** What commands say goes to the standard output, so the log goes elsewhere. */
  private static int administer(String[] words) {
    System.setProperty("chat.log.target", "System.err");
    System.setProperty("chat.log.level", "WARN");
    return AdminCommandLine.run(
        words, System.getenv(), BuildInfo.read().toString(), System.in, System.out, System.err);
  }

  /**
   * A thread that died for lack of memory is missing from then on, and nobody knows what it did
   * last. Nothing acknowledged is lost by an end at once, and whoever watches the process can start
   * it again.
   */
  private static void endWithoutMemory(Logger log) {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, fault) -> {
          log.error("thread {} died", thread.getName(), fault);
          if (fault instanceof VirtualMachineError) {
            Runtime.getRuntime().halt(OUT_OF_MEMORY);
          }
        });
  }

  private static String reason(Throwable fault) {
    Throwable cause = fault;
    while (cause.getCause() != null && !(cause instanceof IOException)) {
      cause = cause.getCause();
    }
    return WithoutSecrets.of(cause.getMessage() == null ? cause.toString() : cause.getMessage());
  }
}
