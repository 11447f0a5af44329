package chat.engine.examples.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.console.command.syntax.Command;
import chat.engine.examples.console.command.syntax.Commands;
import chat.engine.examples.console.model.Conversation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class CommandsTest {
  private final CommandFixture given = new CommandFixture();

  @AfterEach
  void close() throws IOException {
    given.close();
  }

  private AbstractThrowableAssert<?, ?> assertRefused(String line) {
    return given.assertRefused(line);
  }

  @Test
  void helpNamesEachCommandOnceOnOneLine() {
    List<String> help = given.commands.help();
    for (Command command : given.commands.all()) {
      assertThat(help).filteredOn(line -> line.startsWith(command.usage() + "  ")).hasSize(1);
      assertThat(command.purpose()).isNotBlank();
    }
    assertThat(given.commands.all().stream().map(Command::name)).doesNotHaveDuplicates();
    assertThat(help).allMatch(line -> line.length() <= 80 && !line.contains("\n"));
    given.assertShows("/help react", "/react N EMOJI");
    given.assertShows("/help moderation", "Moderation:", "/ban MEMBER [TIME]");
    given.assertShows("/help all", "Moderation:", "/unban NAME", "/quit");
    assertRefused("/help frob").hasMessageContaining("no command frob");
  }

  @Test
  void theShortHelpNamesEachCommandAndFitsASmallTerminal() {
    given.assertShows("/help", "Conversations  /to /talks", "/quit", "Ctrl-D on an empty one");
    List<String> overview = given.commands.overview();
    assertThat(overview).hasSizeLessThan(16).allMatch(line -> line.length() <= 80);
    for (Command command : given.commands.all()) {
      assertThat(String.join(" ", overview) + " ").contains(" " + command.name() + " ");
    }
  }

  @Test
  void theReadmeOfTheExamplesShowsTheHelp() throws IOException {
    assertThat(Files.readString(Path.of("README.md")))
        .contains("```text\n" + String.join("\n", given.commands.help()) + "\n```");
  }

  @Test
  void whatDoesNotExistIsRefusedWithAGuess() {
    assertRefused("/hepl").hasMessage("There is no command /hepl. Did you mean /help?");
    assertRefused("/mem").hasMessageContaining("Did you mean /members?");
    assertRefused("/frobnicate").hasMessageContaining("/help lists all");
    assertThat(Commands.isCommand("//slash")).isFalse();
  }

  @Test
  void wrongArgumentsAreRefusedWithTheUsage() {
    given.openBob();
    assertRefused("/reply 3").hasMessage("Usage: /reply N TEXT");
    assertRefused("/talks now").hasMessage("Usage: /talks");
    assertRefused("/group walk").hasMessage("Usage: /group GROUP NAME ...");
    assertRefused("/reply x y").hasMessageContaining("x is not the number of a message");
    assertRefused("/delete 0").hasMessageContaining("0 is not the number of a message");
    assertThat(given.asked).isEmpty();
  }

  @Test
  void withoutAConversationOneIsAskedForIt() {
    assertRefused("/delete 3").hasMessageContaining("/to NAME");
    assertRefused("/members").hasMessageContaining("/to NAME");
    given.openBob();
    assertRefused("/members").hasMessageContaining("/to #GROUP");
    given.conversations.open(Conversation.begun("eve"));
    assertRefused("/delete 3").hasMessage("Nothing was written to eve yet.");
  }

  @Test
  void aReplyKeepsItsLinesMentionsAndEmoji() {
    given.openBob();
    given.answer =
        "{\"conversation_id\":\"7\",\"seq\":4,\"created_at\":\"2026-03-01T09:30:00.000Z\"}";
    given.commands.run("/reply 3 yes, @bob\n  :smile:");
    ObjectNode send = given.request();
    assertThat(send.get("reply_to").asLong()).isEqualTo(3);
    assertThat(send.get("text").asString()).isEqualTo("yes, @bob\n  😄");
    assertThat(send.get("mentions").get(0).asString()).isEqualTo("bob");
    given.glass.awaitText("you: yes, @bob", "       😄");
  }

  @Test
  void ownMessagesComeIntoTheLineToBeEdited() {
    Conversation bob = given.openBob();
    bob.see(CommandFixture.message(3, "ada", "helo\nbob"));
    bob.see(CommandFixture.message(4, "bob", "hi"));
    given.commands.run("/edit 3");
    assertThat(given.drafts).containsExactly("/edit 3 helo\nbob");
    assertRefused("/edit 4").hasMessageContaining("not yours");
    assertRefused("/edit 5").hasMessageContaining("was not shown");
    given.commands.run("/edit 3 hello\nbob");
    assertThat(given.request().get("type").asString()).isEqualTo("edit");
    assertThat(given.request().get("text").asString()).isEqualTo("hello\nbob");
  }

  @Test
  void reactionsTakeEmojiAndTheirNames() {
    given.openBob();
    given.answer = "{\"count\":1}";
    given.commands.run("/react 3 :thumbs_up:");
    assertThat(given.request().get("emoji").asString()).isEqualTo("👍");
    given.commands.run("/unreact 3 🎉");
    assertThat(given.request().get("emoji").asString()).isEqualTo("🎉");
    assertThat(given.request().get("on").asBoolean()).isFalse();
    assertRefused("/react 3 blah").hasMessageContaining("There is no emoji blah");
  }

  @Test
  void searchesAreOfAllConversationsOrTheOpenOneAndGoOn() {
    given.openBob();
    given.answer = "{\"messages\":[],\"has_more\":true,\"next_before\":\"b\"}";
    given.commands.run("/search lunch  tomorrow");
    assertThat(given.request().get("query").asString()).isEqualTo("lunch  tomorrow");
    assertThat(given.request().has("conversation_id")).isFalse();
    given.commands.run("/find lunch");
    assertThat(given.request().get("conversation_id").asString()).isEqualTo("7");
    given.answer = "{\"messages\":[],\"has_more\":false}";
    given.commands.run("/more");
    assertThat(given.request().get("before").asString()).isEqualTo("b");
    assertThat(given.request().get("conversation_id").asString()).isEqualTo("7");
    assertRefused("/more").hasMessageContaining("no more");
  }

  @Test
  void filesThatAreNotThereAreNamed() {
    Conversation bob = given.openBob();
    bob.see(CommandFixture.message(3, "bob", "hi"));
    assertRefused("/send no\\ such.txt").hasMessageContaining("no file no such.txt");
    assertRefused("/save 3").hasMessageContaining("has no files");
    ObjectNode withFile = CommandFixture.message(4, "bob", "");
    withFile.putArray("attachments").add("f1");
    bob.see(withFile);
    assertRefused("/save 4 no-such-folder").hasMessageContaining("no folder no-such-folder");
    assertRefused("/save 4").hasMessageContaining("cannot be reached");
  }

  @Test
  void quitLeaves() {
    given.commands.run("/QUIT");
    assertThat(given.hasLeft()).isTrue();
  }
}
