package chat.engine.examples.faultcheck.node;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.DeviceId;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One client. Requests are {@code OP VERB ...}; an answer is {@code OP ok ...} or {@code OP error
 * CODE IN_DOUBT ...}, with {@code OP + ...} lines before it for its items; an event begins with
 * {@code *}. The first request is {@code connect USER DEVICE}, or {@code as USER} for calls without
 * a session. Who is silent for some seconds is taken for gone.
 */
final class NodeConnection {
  private static final int SILENCE_MILLIS = 6_000;

  private final ChatEngine engine;
  private final Sabotage sabotage;
  private final Socket socket;
  private final Outbox outbox;
  private @Nullable ChatUser user;
  private volatile boolean gone;

  NodeConnection(ChatEngine engine, Sabotage sabotage, Socket socket) throws IOException {
    this.engine = engine;
    this.sabotage = sabotage;
    this.socket = socket;
    this.outbox = new Outbox(socket);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(SILENCE_MILLIS);
  }

  void start() {
    daemon(this::read, "read");
    daemon(outbox::run, "write");
  }

  private static void daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void read() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        handle(line.split(" ", -1));
      }
    } catch (IOException | RuntimeException over) {
      // closed, silent for too long, or talking nonsense: all the same
    }
    end();
  }

  private synchronized void end() {
    gone = true;
    if (user instanceof ChatSession session) {
      session.close();
    }
    outbox.close();
    try {
      socket.close();
    } catch (IOException alreadyClosed) {
      // nothing is left to do
    }
  }

  private void handle(String[] words) {
    String op = words[0];
    switch (words[1]) {
      case "connect" ->
          answer(
              op,
              engine.connect(
                  UserId.of(words[2]), DeviceId.of(words[3]), ChatListener.of(this::onEvent)),
              session -> {
                begin(session);
                return "";
              });
      case "as" -> {
        user = engine.asUser(UserId.of(words[2]));
        outbox.add(op + " ok\n");
      }
      case "ping" -> outbox.add(op + " ok\n");
      default -> {
        ChatUser caller = user;
        if (caller != null) {
          new Requests(caller, engine.asApplication()).handle(words, new Answers(op));
        }
      }
    }
  }

  private synchronized void begin(ChatSession session) {
    user = session;
    outbox.of(session);
    if (gone) {
      session.close();
    }
  }

  private void onEvent(ChatEvent event) {
    String line = EventLines.of(event);
    sabotage.tell(this, event, line, outbox::add);
  }

  private <T> void answer(String op, CompletableFuture<T> future, Function<T, String> lines) {
    new Answers(op).answer(future, lines);
  }

  /** Writes the answer of one request, on the thread that completes the future. */
  final class Answers {
    private final String op;

    Answers(String op) {
      this.op = op;
    }

    /**
     * @param lines of the items, each with {@code + } in front; or what to put behind {@code ok}
     */
    <T> void answer(CompletableFuture<T> future, Function<T, String> lines) {
      future.whenComplete(
          (result, fault) -> {
            if (fault == null) {
              outbox.add(text(lines.apply(result)));
            } else {
              outbox.add(error(fault));
            }
          });
    }

    private String text(String lines) {
      StringBuilder text = new StringBuilder();
      String last = "";
      for (String line : lines.split("\n", -1)) {
        if (line.startsWith("+ ")) {
          text.append(op).append(' ').append(line).append('\n');
        } else {
          last = line;
        }
      }
      return text.append(op).append(" ok ").append(last).append('\n').toString();
    }

    private String error(Throwable fault) {
      Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
      if (cause instanceof ChatException refusal) {
        return op
            + " error "
            + refusal.code()
            + " "
            + refusal.inDoubt()
            + " "
            + refusal.getMessage()
            + "\n";
      }
      return op + " error INTERNAL true " + cause + "\n";
    }
  }
}
