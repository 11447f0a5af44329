package chat.engine.examples.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.console.command.syntax.Completion;
import chat.engine.examples.console.model.Conversation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompletionTest {
  private final CommandFixture given = new CommandFixture();
  private final Completion completion =
      new Completion(given.commands, given.conversations, given.people, given.emoji);

  @TempDir private Path folder;

  @BeforeEach
  void peopleAndConversations() {
    given.people.set("bob", true);
    given.people.set("bertha", false);
    Conversation walk = given.conversations.known("8", "Sunday walk", true);
    walk.setMembers(List.of("bob", "carol"));
    walk.see(CommandFixture.message(12, "bob", "shall we?"));
    walk.see(CommandFixture.message(13, "carol", "yes\u001b[2J"));
    given.conversations.open(walk);
  }

  @AfterEach
  void close() throws IOException {
    given.close();
  }

  private List<String> values(String typed) {
    return completion.choices(typed).list().stream().map(Completion.Choice::value).toList();
  }

  @Test
  void commandsAreCompletedWithTheirPurpose() {
    assertThat(values("/re")).contains("/reply", "/react", "/rename").doesNotContain("/to");
    assertThat(completion.choices("/tal").list())
        .containsExactly(
            new Completion.Choice(
                "/talks", "/talks  list the conversations, and what is unread", true));
    assertThat(values("/help /fi")).containsExactly("/find");
    assertThat(values("/help mod")).containsExactly("Moderation");
  }

  @Test
  void namesOfPeopleAndConversationsAreCompleted() {
    assertThat(values("/to ")).contains("#Sunday walk", "bob", "bertha");
    assertThat(values("/to #sun")).containsExactly("#Sunday walk");
    assertThat(values("/to #Sunday w")).containsExactly("#Sunday walk");
    assertThat(completion.choices("/to #Sunday w").start()).isEqualTo(4);
    assertThat(values("/group walk b")).containsExactly("bertha", "bob");
    assertThat(values("/group walk bob be")).containsExactly("bertha");
    assertThat(values("/remove c")).containsExactly("carol");
    assertThat(values("/forward 12 #")).containsExactly("#Sunday walk");
  }

  @Test
  void whatThereIsToChooseFromIsCompleted() {
    assertThat(values("/mute ")).contains("1h", "ever");
    assertThat(values("/ban carol 1")).containsExactly("10m", "1h", "1d", "1w");
    assertThat(values("/silence c")).containsExactly("carol");
    assertThat(values("/promote ")).containsExactly("bob", "carol");
    assertThat(values("/lastseen ")).containsExactly("everyone", "contacts", "nobody");
    assertThat(values("/receipts o")).containsExactly("on", "off");
    assertThat(values("/report 1")).containsExactly("13", "12");
    assertThat(values("/profile b")).containsExactly("bertha", "bob");
  }

  @Test
  void messagesAreCompletedByNumberAndShownSafely() {
    assertThat(values("/reply ")).containsExactly("13", "12");
    assertThat(completion.choices("/reply 13").list().get(0).shown())
        .isEqualTo("13 carol: yes [2J");
  }

  @Test
  void emojiAreCompletedByName() {
    assertThat(values("/react 12 thumbs_u")).containsExactly("thumbs_up");
    assertThat(values("/react 12 :thumbs_u")).containsExactly(":thumbs_up:");
    assertThat(values("well done :tad")).containsExactly(":tada:");
    assertThat(completion.choices("well done :tad").start()).isEqualTo(10);
    assertThat(values("/reply 12 fine :tad")).containsExactly(":tada:");
  }

  @Test
  void membersAreCompletedBehindAtSigns() {
    assertThat(values("hello @b")).containsExactly("@bob");
    assertThat(values("/reply 12 hello @c")).containsExactly("@carol");
    assertThat(values("hello b")).isEmpty();
  }

  @Test
  void filesAndFoldersAreCompleted() throws IOException {
    Files.createDirectory(folder.resolve("my folder"));
    Files.writeString(folder.resolve("my file.txt"), "x");
    Files.writeString(folder.resolve(".my hidden"), "x");
    assertThat(values("/send " + folder + "/my"))
        .containsExactlyInAnyOrder(folder + "/my\\ file.txt", folder + "/my\\ folder/");
    assertThat(values("/send " + folder + "/my\\ fi")).containsExactly(folder + "/my\\ file.txt");
    assertThat(values("/save 12 " + folder + "/")).containsExactly(folder + "/my\\ folder/");
    assertThat(values("/send " + folder + "/no/such/")).isEmpty();
  }

  @Test
  void aNameWithControlsIsNotPutIntoTheLine() {
    given.conversations.known("9", "evil\u009b2J", true);
    assertThat(values("/to #")).containsExactly("#Sunday walk");
  }

  @Test
  void nothingIsOfferedWhereNothingFits() {
    assertThat(values("/frob b")).isEmpty();
    assertThat(values("/talks b")).isEmpty();
    assertThat(values("plain text")).isEmpty();
  }
}
