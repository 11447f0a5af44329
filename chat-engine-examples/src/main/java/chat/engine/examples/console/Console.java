package chat.engine.examples.console;

import chat.engine.examples.console.command.Pages;
import chat.engine.examples.console.command.Talk;
import chat.engine.examples.console.command.syntax.Commands;
import chat.engine.examples.console.command.syntax.Completion;
import chat.engine.examples.console.link.Account;
import chat.engine.examples.console.link.FileLink;
import chat.engine.examples.console.link.FileNames;
import chat.engine.examples.console.link.Incoming;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.link.Reading;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.link.Sender;
import chat.engine.examples.console.model.Conversation;
import chat.engine.examples.console.model.Conversations;
import chat.engine.examples.console.model.Emoji;
import chat.engine.examples.console.model.Outbox;
import chat.engine.examples.console.model.People;
import chat.engine.examples.console.model.Typists;
import chat.engine.examples.console.screen.MessageView;
import chat.engine.examples.console.screen.Palette;
import chat.engine.examples.console.screen.SafeText;
import chat.engine.examples.console.screen.Screen;
import chat.engine.examples.console.screen.Times;
import chat.engine.examples.server.ServerFiles;
import chat.engine.examples.server.ServerNode;
import chat.engine.examples.server.ServerSession;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jline.reader.EndOfFileException;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import tools.jackson.databind.node.ObjectNode;

/** A person at a terminal, from the login to the end. Runs on one thread. */
public final class Console {
  private static final long FIRST_ANSWER_MILLIS = 2_000;
  private static final long LAST_ANSWERS_MILLIS = 5_000;
  private static final long LOGOUT_SECONDS = 3;
  private static final int PREVIEW = 60;

  private final Terminal terminal;
  private final HttpClient http;
  private final ServerNode node;
  private final LineEditor editor;
  private final Palette palette;
  private final Times times = new Times(Clock.system(ZoneId.systemDefault()));
  private final Conversations conversations = new Conversations();
  private final People people = new People();
  private final Typists typists = new Typists(System::nanoTime);
  private final Outbox outbox = new Outbox();
  private final Executor whenTypingIsOver =
      CompletableFuture.delayedExecutor(Typists.LOST_MILLIS + 100, TimeUnit.MILLISECONDS);
  private boolean leaving;

  public Console(
      Terminal terminal, HttpClient http, ServerNode node, Map<String, String> environment) {
    this.terminal = terminal;
    this.http = http;
    this.node = node;
    this.palette = Palette.of(environment);
    this.editor = new LineEditor(terminal, palette.hasColours());
  }

  /**
   * Blocks until the person leaves.
   *
   * @return false if something was not sent
   * @throws IOException if there is no connection to begin with
   */
  public boolean run() throws IOException, InterruptedException {
    Login login;
    try {
      login = new SignIn(node.api(), editor).run();
    } catch (UserInterruptException | EndOfFileException left) {
      editor.say("Bye.");
      return true;
    }
    Screen screen =
        new Screen(
            editor.reader(), new MessageView(login.username(), palette, times), palette, times);
    boolean all = talk(login, screen);
    logOut(login);
    return all;
  }

  /** Does not wait long for a server that does not answer. */
  private void logOut(Login login) throws InterruptedException {
    String fault;
    try {
      fault = CompletableFuture.supplyAsync(login::end).get(LOGOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException silent) {
      fault = "the server does not answer";
    }
    editor.say(fault == null ? "Bye." : "Bye. You could not be logged out: " + fault + ".");
  }

  private boolean talk(Login login, Screen screen) throws IOException, InterruptedException {
    FileLink files = new FileLink(new ServerFiles(node.api()), login);
    SessionHolder requests = new SessionHolder();
    Link link = new Link(requests);
    Reading reading = new Reading(link);
    Sender sender = new Sender(login.username(), link, conversations, typists, outbox, screen);
    try (FileNames fileNames = new FileNames(files, screen);
        ServerSession session =
            new ServerSession(
                http,
                List.of(node),
                0,
                login,
                "console",
                new Incoming(
                    login.username(),
                    times,
                    conversations,
                    people,
                    typists,
                    screen,
                    reading,
                    sender,
                    fileNames,
                    this::statusChanged))) {
      requests.use(session);
      session.connect().join();
      Emoji emoji = Emoji.load();
      Talk talk =
          new Talk(
              login.username(),
              link,
              conversations,
              people,
              emoji,
              sender,
              reading,
              fileNames,
              screen,
              times,
              new Pages(link, screen));
      Account account =
          new Account(
              (method, path, body) ->
                  login.call(token -> node.api().call(method, path, body, token)));
      Commands commands =
          ProgramCommands.all(
              talk, files, account, node.api().base(), editor::draft, () -> leaving = true);
      editor.complete(new Completion(commands, conversations, people, emoji));
      editor.begin(this::status, () -> typed(link));
      welcome(commands, talk);
      loop(commands, talk);
      return leave(screen);
    } catch (CompletionException fault) {
      throw new IOException("no connection: " + fault.getCause(), fault);
    }
  }

  private void welcome(Commands commands, Talk talk) {
    talk.screen().answer("Hello, " + talk.me() + ". /help tells what can be done here.");
    handle("/contacts", commands, talk);
    if (!conversations.all().isEmpty()) {
      talk.screen().answer("Your conversations:");
      handle("/talks", commands, talk);
    }
  }

  private void loop(Commands commands, Talk talk) {
    Thread me = Thread.currentThread();
    Terminal.SignalHandler before =
        terminal.handle(Terminal.Signal.INT, signal -> me.interrupt()); // ends a wait
    try {
      while (!leaving) {
        try {
          String line = editor.readLine(prompt());
          if (!editor.isDumb() && Commands.isCommand(line)) {
            talk.screen().note("> " + line);
          }
          handle(line, commands, talk);
        } catch (UserInterruptException cleared) {
          if (cleared.getPartialLine().isEmpty()) {
            talk.screen().note("Ctrl-D or /quit leaves.");
          }
        }
      }
    } catch (EndOfFileException end) {
      String last = end.getPartialLine();
      handle(last == null ? "" : last, commands, talk); // of a file without a line break at its end
    } finally {
      terminal.handle(Terminal.Signal.INT, before);
    }
  }

  private void handle(String line, Commands commands, Talk talk) {
    String text = Texts.toSend(line);
    if (text.isEmpty()) {
      return;
    }
    try {
      if (Commands.isCommand(text)) {
        awaitFirstAnswer();
        commands.run(text);
      } else {
        talk.say(text.startsWith("//") ? text.substring(1) : text);
      }
    } catch (Refusal refusal) {
      talk.screen().wrong(refusal.sentence());
    } catch (InterruptedException interrupted) {
      talk.screen().wrong("You did not wait for the answer.");
    }
  }

  /** A conversation gets its id by the answer to its first message. */
  private void awaitFirstAnswer() throws InterruptedException {
    Conversation open = conversations.open();
    if (open != null && open.id() == null) {
      outbox.awaitEmpty(FIRST_ANSWER_MILLIS);
    }
  }

  private String prompt() {
    Conversation open = conversations.open();
    return (open == null ? "" : open.label()) + "> ";
  }

  private String status() {
    List<String> parts = new ArrayList<>();
    Conversation open = conversations.open();
    List<String> typing = typists.in(open == null ? null : open.id());
    if (!typing.isEmpty()) {
      parts.add(String.join(", ", typing) + (typing.size() == 1 ? " is typing" : " are typing"));
    }
    List<String> readers = open == null ? List.of() : open.readers();
    if (!readers.isEmpty()) {
      parts.add("read by " + (readers.size() > 3 ? readers.size() : String.join(", ", readers)));
    }
    long unread = conversations.unreadElsewhere(times.now());
    if (unread > 0) {
      parts.add(unread + " unread");
    }
    return String.join(", ", parts);
  }

  private void statusChanged() {
    editor.refresh();
    Conversation open = conversations.open();
    if (open != null && !typists.in(open.id()).isEmpty()) {
      whenTypingIsOver.execute(editor::refresh);
    }
  }

  /** Tells the others, unless it is a command. */
  private void typed(Link link) {
    Conversation open = conversations.open();
    String id = open == null ? null : open.id();
    if (id != null && !Commands.isCommand(editor.begun()) && typists.tell(id)) {
      link.start(Link.request("typing").put("conversation_id", id).put("on", true));
    }
  }

  /** Waits for the last answers, and names what has none. */
  private boolean leave(Screen screen) {
    try {
      outbox.awaitEmpty(LAST_ANSWERS_MILLIS);
    } catch (InterruptedException impatient) {
      // what is left is named all the same
    }
    List<ObjectNode> unsent = outbox.waiting();
    for (ObjectNode send : unsent) {
      screen.wrong(
          "The server has not confirmed what you wrote to "
              + addressee(send)
              + ": "
              + SafeText.beginning(send.path("text").asString(""), PREVIEW));
    }
    return unsent.isEmpty();
  }

  private String addressee(ObjectNode send) {
    Conversation conversation = conversations.byId(send.path("conversation_id").asString(""));
    return conversation == null ? send.path("to").asString("?") : conversation.label();
  }
}
