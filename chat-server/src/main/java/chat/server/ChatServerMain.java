package chat.server;

import chat.server.config.Settings;
import chat.server.config.SettingsParser;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.concurrent.CountDownLatch;

/** {@code java -jar chat-server.jar}; {@code --help} says what can be set. */
public final class ChatServerMain {
  private static final int WRONG_USAGE = 2;

  private ChatServerMain() {}

  /** Runs until the process is told to stop (Ctrl-C, SIGTERM), then drains. */
  public static void main(String[] args) throws InterruptedException {
    Settings settings;
    try {
      SettingsParser.Parsed parsed = SettingsParser.parse(args, System.getenv());
      if (parsed.help()) {
        System.out.println(SettingsParser.help());
        return;
      }
      settings = parsed.settings();
    } catch (SettingsParser.InvalidSettingsException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(WRONG_USAGE);
      return;
    }
    ChatServer server;
    try {
      server = ChatServer.start(settings);
    } catch (IOException | RuntimeException fault) {
      System.err.println("chat-server cannot start: " + reason(fault));
      System.exit(1);
      return;
    }
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  stopped.countDown();
                },
                "chat-stop"));
    System.out.printf(
        "chat-server is ready%n  REST       http://%s:%d/%n  WebSocket  ws://%s:%d/v1/ws%n  data       %s%n",
        settings.host(),
        server.httpPort(),
        settings.host(),
        server.wsPort(),
        settings.databaseUrl() != null
            ? settings.databaseUrl().replaceAll("\\?.*", "") // a password can follow
            : settings.dataDir().toAbsolutePath().normalize());
    stopped.await();
  }

  private static String reason(Throwable fault) {
    Throwable cause = fault;
    while (cause.getCause() != null && !(cause instanceof IOException)) {
      cause = cause.getCause();
    }
    if (cause instanceof AccessDeniedException denied) { // whose message is the path alone
      return "no right to use " + denied.getFile();
    }
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
