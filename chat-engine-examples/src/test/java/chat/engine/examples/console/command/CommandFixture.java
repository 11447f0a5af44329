package chat.engine.examples.console.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.examples.console.ProgramCommands;
import chat.engine.examples.console.VirtualScreen;
import chat.engine.examples.console.command.syntax.Commands;
import chat.engine.examples.console.link.Access;
import chat.engine.examples.console.link.Account;
import chat.engine.examples.console.link.FileLink;
import chat.engine.examples.console.link.FileNames;
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
import chat.engine.examples.console.screen.Screen;
import chat.engine.examples.console.screen.Times;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerFiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.AbstractThrowableAssert;
import org.jline.reader.LineReaderBuilder;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The commands of ada, over a server that answers as the test says. */
final class CommandFixture implements AutoCloseable {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  final VirtualScreen glass = new VirtualScreen();
  final Conversations conversations = new Conversations();
  final People people = new People();
  final Emoji emoji = Emoji.load();
  final List<ObjectNode> asked = new ArrayList<>();
  final List<String> drafts = new ArrayList<>();
  final Talk talk;
  final Commands commands;
  private final FileNames fileNames;
  private boolean left;
  String answer = "{}";

  /** Answers to requests of some types, in place of {@link #answer}. */
  final Map<String, String> answers = new HashMap<>();

  /** Calls of REST, as method and path. */
  final List<String> called = new ArrayList<>();

  CommandFixture() {
    Palette palette = new Palette(false);
    Times times = new Times(Clock.fixed(NOW, ZoneOffset.UTC));
    Screen screen =
        new Screen(
            LineReaderBuilder.builder().terminal(glass.terminal()).build(),
            new MessageView("ada", palette, times),
            palette,
            times);
    Link link = new Link(this::ask);
    ServerFiles files =
        new ServerFiles(
            new ServerApi(HttpClient.newHttpClient(), URI.create("http://127.0.0.1:9"), null));
    FileLink fileLink =
        new FileLink(
            files,
            new Access() {
              @Override
              public <T> T call(Call<T> call) throws IOException {
                throw new IOException("no files in this test");
              }
            });
    fileNames = new FileNames(fileLink, screen);
    Sender sender =
        new Sender("ada", link, conversations, new Typists(System::nanoTime), new Outbox(), screen);
    talk =
        new Talk(
            "ada",
            link,
            conversations,
            people,
            emoji,
            sender,
            new Reading(link),
            fileNames,
            screen,
            times,
            new Pages(link, screen));
    commands =
        ProgramCommands.all(
            talk,
            fileLink,
            new Account(this::call),
            URI.create("http://chat.example"),
            drafts::add,
            () -> left = true);
  }

  private CompletableFuture<ObjectNode> ask(ObjectNode request) {
    asked.add(request.deepCopy());
    String type = request.get("type").asString();
    return CompletableFuture.completedFuture(
        ServerApi.parse(answers.getOrDefault(type, answer).replace('\'', '"')));
  }

  private ObjectNode call(String method, String path, @Nullable ObjectNode body) {
    called.add(method + " " + path);
    return ServerApi.parse(answer.replace('\'', '"'));
  }

  Conversation openWalk() {
    Conversation walk = conversations.known("8", "walk", true);
    conversations.open(walk);
    return walk;
  }

  AbstractThrowableAssert<?, ?> assertRefused(String line) {
    return assertThatThrownBy(() -> commands.run(line)).isInstanceOf(Refusal.class);
  }

  /** Runs a line, and compares the last request; single quotes stand for double ones. */
  void assertAsks(String line, String request) {
    commands.run(line);
    assertThat(request()).hasToString(ServerApi.parse(request.replace('\'', '"')).toString());
  }

  /** Runs a line, and waits until something is on the screen. */
  void assertShows(String line, String... parts) {
    commands.run(line);
    glass.awaitText(parts);
  }

  Conversation openBob() {
    Conversation bob = conversations.known("7", "bob", false);
    conversations.open(bob);
    return bob;
  }

  boolean hasLeft() {
    return left;
  }

  /** The last request. */
  ObjectNode request() {
    return asked.get(asked.size() - 1);
  }

  static ObjectNode message(long seq, String from, String text) {
    return ServerApi.object()
        .put("conversation_id", "7")
        .put("seq", seq)
        .put("from", from)
        .put("text", text)
        .put("created_at", "2026-03-01T09:30:00.000Z");
  }

  @Override
  public void close() throws IOException {
    fileNames.close();
    glass.close();
  }
}
