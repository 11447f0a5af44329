package chat.engine.examples;

import chat.engine.examples.console.ConsoleScreen;
import chat.engine.examples.console.ConsoleTalk;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerSession;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A client of chat-server for the terminal: sign up or in, contacts, direct and group chat,
 * history. It reconnects automatically.
 *
 * <pre>ConsoleChat [URL]</pre>
 */
public final class ConsoleChat {
  private static final char MASK = '*';

  private final ServerApi api;
  private final LineReader reader;

  private ConsoleChat(ServerApi api, LineReader reader) {
    this.api = api;
    this.reader = reader;
  }

  /** Runs until {@code /quit}, Ctrl-D or Ctrl-C; ends with status 1 if there is no server. */
  public static void main(String[] args) throws IOException, InterruptedException {
    URI url = URI.create(args.length > 0 ? args[0] : "http://127.0.0.1:8080");
    try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
      HttpClient http = HttpClient.newHttpClient();
      ServerNode node = ServerNode.connect(http, url, null, 0);
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      reader.setVariable(LineReader.SECONDARY_PROMPT_PATTERN, "");
      new ConsoleChat(node.api(), reader).run(http, node);
    } catch (UserInterruptException | EndOfFileException left) {
      System.out.println("Bye.");
    } catch (ServerApi.RefusedException refusal) {
      System.err.println("The server refuses: " + refusal.getMessage());
      System.exit(1);
    } catch (IOException away) {
      System.err.println(away.getMessage() + "; start one as the README says, or name its URL");
      System.exit(1);
    }
    System.exit(0); // the HTTP client's threads would stay for a while
  }

  private void run(HttpClient http, ServerNode node) throws IOException, InterruptedException {
    Login login = signIn();
    ConsoleTalk talk =
        new ConsoleTalk(login.username(), new ConsoleScreen(login.username(), reader));
    try (ServerSession session =
        new ServerSession(http, List.of(node), 0, login, "console", talk)) {
      talk.on(session);
      session.connect().join();
      talk.welcome();
      reader.setOpt(LineReader.Option.ERASE_LINE_ON_FINISH); // what was sent is shown by the talk
      while (talk.handle(reader.readLine(talk.prompt()))) {
        // the next line
      }
    } catch (UserInterruptException | EndOfFileException left) {
      // leaves like /quit
    } catch (CompletionException fault) {
      throw new IOException("no connection: " + fault.getCause(), fault);
    }
    login.end();
    System.out.println("Bye.");
  }

  private Login signIn() throws IOException, InterruptedException {
    while (true) {
      String email = reader.readLine("E-mail address: ").strip();
      String password =
          reader.getTerminal().getType().startsWith(Terminal.TYPE_DUMB)
              ? reader.readLine("Password: ") // a pipe has no echo to hide
              : reader.readLine("Password: ", MASK);
      try {
        return new Login(api.logIn(email, password));
      } catch (ServerApi.RefusedException unknown) {
        if (!unknown.code().equals("unauthorized")) {
          throw unknown;
        }
      }
      System.out.println("The password is wrong, or nobody has this address.");
      String username = reader.readLine("A name to sign up with (empty: try again): ").strip();
      try {
        if (!username.isEmpty()) {
          api.register(username, email, password);
          return new Login(api.logIn(email, password));
        }
      } catch (ServerApi.RefusedException refused) {
        System.out.println(refused.getMessage());
      }
    }
  }

  /** Renews the access token whenever a connection is made. */
  private final class Login implements ServerSession.TokenSource {
    private final String username;
    private String refreshToken;
    private @Nullable String first;

    Login(ObjectNode reply) {
      username = reply.get("user").get("username").asString();
      first = reply.get("access_token").asString();
      refreshToken = reply.get("refresh_token").asString();
    }

    String username() {
      return username;
    }

    @Override
    public synchronized String token(ServerApi to) throws IOException, InterruptedException {
      String fresh = first;
      first = null;
      if (fresh != null) {
        return fresh;
      }
      ObjectNode reply =
          to.call(
              "POST",
              "/v1/auth/token",
              ServerApi.object().put("refresh_token", refreshToken),
              null);
      refreshToken = reply.get("refresh_token").asString();
      return reply.get("access_token").asString();
    }

    synchronized void end() throws InterruptedException {
      try {
        api.call(
            "DELETE",
            "/v1/auth/logout",
            ServerApi.object().put("refresh_token", refreshToken),
            null);
      } catch (IOException away) {
        System.out.println("Not logged out: " + away.getMessage());
      }
    }
  }
}
