package chat.engine.examples;

import chat.engine.examples.console.Console;
import chat.engine.examples.console.screen.SafeText;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Map;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/**
 * A client of chat-server for the terminal, for people and for scripts. {@code /help} lists what it
 * can do. It reconnects by itself.
 *
 * <pre>ConsoleChat [URL]</pre>
 */
public final class ConsoleChat {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private ConsoleChat() {}

  /**
   * Runs until {@code /quit} or the end of the input. Ends with status 1 if there is no server or
   * something was not sent, 2 for wrong arguments.
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int status;
    try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
      status = run(terminal, System.getenv(), args) ? 0 : 1;
    } catch (ServerApi.RefusedException refusal) {
      System.err.println("The server refuses: " + SafeText.oneLine(refusal.reason()));
      status = 1;
    } catch (IOException away) {
      System.err.println(away.getMessage() + "; start one as the README says, or name its URL");
      status = 1;
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      status = 2;
    }
    System.exit(status); // the HTTP client's threads would stay for a while
  }

  /**
   * Runs on any terminal.
   *
   * @return whether all was sent
   */
  static boolean run(Terminal terminal, Map<String, String> environment, String... args)
      throws IOException, InterruptedException {
    URI url = url(args);
    HttpClient http = HttpClient.newHttpClient();
    return new Console(terminal, http, ServerNode.connect(http, url, PATIENCE), environment).run();
  }

  private static URI url(String... args) {
    String given = args.length == 0 ? "http://127.0.0.1:8080" : args[0];
    if (args.length > 1 || !given.matches("https?://\\S+")) {
      throw new IllegalArgumentException("Usage: ConsoleChat [URL], as http://127.0.0.1:8080");
    }
    return URI.create(given);
  }
}
