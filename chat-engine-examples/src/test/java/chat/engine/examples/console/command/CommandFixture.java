package chat.engine.examples.console.command;

import chat.engine.examples.console.VirtualScreen;
import chat.engine.examples.console.command.syntax.Commands;
import chat.engine.examples.console.link.Access;
import chat.engine.examples.console.link.FileLink;
import chat.engine.examples.console.link.FileNames;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.link.Reading;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jline.reader.LineReaderBuilder;
import tools.jackson.databind.node.ObjectNode;

/** The commands of ada, over a server that answers as the test says. */
final class CommandFixture implements AutoCloseable {
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

  CommandFixture() {
    Palette palette = new Palette(false);
    Times times = new Times(Clock.systemUTC());
    Screen screen =
        new Screen(
            LineReaderBuilder.builder().terminal(glass.terminal()).build(),
            new MessageView("ada", palette, times),
            palette);
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
            screen);
    commands = ProgramCommands.all(talk, fileLink, times, drafts::add, () -> left = true);
  }

  private CompletableFuture<ObjectNode> ask(ObjectNode request) {
    asked.add(request.deepCopy());
    return CompletableFuture.completedFuture(ServerApi.parse(answer));
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
