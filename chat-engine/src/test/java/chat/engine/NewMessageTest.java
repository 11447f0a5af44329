package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NewMessageTest {
  private static final ClientMessageId ID = ClientMessageId.of("id");
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final String FACE = "\ud83d\ude00";

  // ---- text

  @ParameterizedTest
  @ValueSource(strings = {"a", "a\tb\r\nc", "\u00e9\u4f60", FACE, "\u2028\ufeff\uffff", "\\u0000"})
  void aTextIsKeptCharacterForCharacter(String text) {
    assertThat(NewMessage.text(text).text()).isEqualTo(text);
  }

  @Test
  void anEmptyTextIsRefused() {
    assertRefused(ErrorCode.BAD_REQUEST, () -> NewMessage.text(""), "text must not be empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ",
        "\n\r\t",
        "\u00a0\u2003\u3000",
        "\u200b",
        " \u200d\ufe0f",
        "\u202e\u2066",
        "\u3164",
        "\u2800",
        "\u2028",
        "\udb40\udc41",
        "\ud81b\udfe4"
      })
  void aTextWithNothingToSeeIsRefused(String blank) {
    assertRefused(
        ErrorCode.BAD_REQUEST,
        () -> NewMessage.text(blank),
        "text has nothing to see: only spaces, line breaks or invisible characters");
    assertRefused(
        ErrorCode.BAD_REQUEST,
        () -> NewMessage.text("seen").withText(blank),
        "text has nothing to see: only spaces, line breaks or invisible characters");
  }

  @Test
  void aTextMayHaveWhatIsInvisibleBesideWhatIsSeen() {
    for (String text : List.of(" a ", "\u200bx", "\n.\n", "\u2764\ufe0f", "\u0301", "\u202ea")) {
      assertThat(NewMessage.text(text).text()).isEqualTo(text);
    }
    assertThat(NewMessage.text("a").withAttributes(" ").attributes()).isEqualTo(" ");
  }

  @Test
  void aControlCharacterOtherThanTabAndLineEndsIsRefusedByItsCode() {
    for (char control : new char[] {0, 7, 0x0b, 0x0c, 0x1b, 0x7f, 0x80, 0x85}) {
      assertRefused(
          ErrorCode.BAD_REQUEST,
          () -> NewMessage.text("a\n" + control),
          String.format(
              "text has a control character (U+%04X), which cannot be shown", (int) control));
    }
  }

  @Test
  void halfASurrogatePairIsRefusedInWordsForPeople() {
    assertRefused(
        ErrorCode.BAD_REQUEST,
        () -> NewMessage.text(FACE + "\ud83d!"),
        "text has a broken character, such as one half of an emoji");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "\u00e9", "\u4f60", FACE})
  void theSizeOfATextIsCountedInBytesOfUtf8(String character) {
    int bytes = character.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
    NewMessage message = NewMessage.text(character.repeat(100));

    message.requireTextWithin(100 * bytes);
    message.requireTextWithin(Integer.MAX_VALUE);
    assertRefused(
        ErrorCode.TOO_LARGE,
        () -> message.requireTextWithin(100 * bytes - 1),
        "text may have at most " + (100 * bytes - 1) + " bytes in UTF-8");
  }

  // ---- the other parts

  @Test
  void aReplyIsToTheSeqOfAMessage() {
    assertThat(NewMessage.text("x").withReplyTo(1).replyTo()).isEqualTo(1);
    for (long seq : new long[] {0, -1, Long.MIN_VALUE}) {
      assertRefused(
          ErrorCode.BAD_REQUEST,
          () -> NewMessage.text("x").withReplyTo(seq),
          "reply_to must be the seq of a message, not " + seq);
    }
  }

  @Test
  void atMost64UsersAreMentioned() {
    assertThat(NewMessage.text("x").withMentions(users(64)).mentions()).hasSize(64);
    assertRefused(
        ErrorCode.TOO_LARGE,
        () -> NewMessage.text("x").withMentions(users(65)),
        "at most 64 mentions, not 65");
  }

  private static List<UserId> users(int count) {
    return IntStream.range(0, count).mapToObj(i -> UserId.of("user " + i)).toList();
  }

  @Test
  void aUserIsMentionedOnce() {
    assertThat(NewMessage.text("x").withMentions(List.of(BOB, ADA, BOB, ADA)).mentions())
        .containsExactly(BOB, ADA);
    assertThat(new MessageEdit("x", Collections.nCopies(65, ADA), null).mentions())
        .containsExactly(ADA);
  }

  @Test
  void theSystemCannotBeMentioned() {
    assertRefused(
        ErrorCode.BAD_REQUEST,
        () -> NewMessage.text("x").withMentions(List.of(ADA, UserId.SYSTEM)),
        "the system cannot be mentioned");
  }

  @Test
  void mentionsAreCopied() {
    List<UserId> mentions = new ArrayList<>(List.of(ADA));
    NewMessage message = NewMessage.text("x").withMentions(mentions);
    mentions.add(BOB);

    assertThat(message.mentions()).containsExactly(ADA);
    assertThatThrownBy(() -> message.mentions().add(BOB))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void attributesHaveAtMost2048BytesOfUtf8() {
    NewMessage message = NewMessage.text("x");
    assertThat(message.withAttributes(FACE.repeat(512)).attributes()).hasSize(1024);
    assertRefused(
        ErrorCode.TOO_LARGE,
        () -> message.withAttributes(FACE.repeat(512) + "x"),
        "attributes may have at most 2048 bytes in UTF-8");
    assertRefused(
        ErrorCode.BAD_REQUEST, () -> message.withAttributes(""), "attributes must not be empty");
    assertRefused(
        ErrorCode.BAD_REQUEST,
        () -> message.withAttributes("{\u0000}"),
        "attributes has a control character (U+0000), which cannot be shown");
  }

  @Test
  void noRefusalRepeatsTheText() {
    String secret = "my secret";
    assertThatThrownBy(() -> NewMessage.text(secret + "\u0000")).message().doesNotContain(secret);
    assertThatThrownBy(() -> NewMessage.text(secret).requireTextWithin(1))
        .message()
        .doesNotContain(secret);
  }

  // ---- copies

  @Test
  void eachPlainTextHasAClientMessageIdOfItsOwn() {
    assertThat(NewMessage.text("x").clientMessageId())
        .isNotEqualTo(NewMessage.text("x").clientMessageId());
    assertThat(NewMessage.text(ID, "x").clientMessageId()).isEqualTo(ID);
  }

  @Test
  void aChangedCopyKeepsAllElse() {
    NewMessage full = new NewMessage(ID, "text", 3L, List.of(ADA), "{}");

    assertThat(full.withText("other"))
        .isEqualTo(new NewMessage(ID, "other", 3L, List.of(ADA), "{}"));
    assertThat(full.withReplyTo(4)).isEqualTo(new NewMessage(ID, "text", 4L, List.of(ADA), "{}"));
    assertThat(full.withMentions(List.of(BOB)))
        .isEqualTo(new NewMessage(ID, "text", 3L, List.of(BOB), "{}"));
    assertThat(full.withAttributes("[]"))
        .isEqualTo(new NewMessage(ID, "text", 3L, List.of(ADA), "[]"));
  }

  // ---- what tells a retry from another message

  @Test
  void theContentHashIsTheSameForTheSameContentUnderAnyClientMessageId() {
    NewMessage one = new NewMessage(ID, "text", 3L, List.of(ADA, BOB), "{}");
    NewMessage other =
        new NewMessage(ClientMessageId.of("other"), "text", 3L, List.of(ADA, BOB), "{}");

    assertThat(one.contentHash()).isEqualTo(other.contentHash());
  }

  @Test
  void theContentHashDiffersWithEveryPartOfTheContentAndItsPlace() {
    List<NewMessage> different =
        List.of(
            new NewMessage(ID, "1", null, List.of(), null),
            new NewMessage(ID, "2", null, List.of(), null),
            new NewMessage(ID, "1", 1L, List.of(), null),
            new NewMessage(ID, "11", null, List.of(), null),
            new NewMessage(ID, "1", null, List.of(UserId.of("1")), null),
            new NewMessage(ID, "1", null, List.of(), "1"),
            new NewMessage(ID, "1", null, List.of(ADA, BOB), null),
            new NewMessage(ID, "1", null, List.of(BOB, ADA), null),
            new NewMessage(ID, "1", null, List.of(ADA), "bob"),
            new NewMessage(ID, "1", null, List.of(UserId.of("adabob")), null));
    Set<Long> hashes = new HashSet<>();
    different.forEach(message -> hashes.add(message.contentHash()));

    assertThat(hashes).hasSameSizeAs(different);
  }

  @Test
  void theContentHashNeverChangesBecauseItIsStored() {
    // Of printf 'hello\0\0\0\0' | sha256sum the first 16 digits: text, reply, end of mentions,
    // attributes.
    assertThat(NewMessage.text("hello").contentHash()).isEqualTo(0xda75447e22f9f99eL);
  }

  private static void assertRefused(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .hasMessage(message)
        .isInstanceOfSatisfying(
            ChatException.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
  }

  @Test
  void filesNeedNoTextAndAreContent() {
    FileId a = FileId.of("a_1");
    FileId b = FileId.of("b-2");
    NewMessage files = NewMessage.files(List.of(a, b));
    assertThat(files.text()).isEmpty();
    assertThat(files.contentHash())
        .isNotEqualTo(files.withAttachments(List.of(b, a)).contentHash())
        .isNotEqualTo(files.withAttachments(List.of(a)).contentHash());
    assertThat(files.withText("x").contentHash())
        .isNotEqualTo(files.withText("x").withAttachments(List.of()).contentHash());
    assertThat(NewMessage.text("x").withAttachments(List.of(a)).attachments()).containsExactly(a);
    assertRefused(
        ErrorCode.BAD_REQUEST,
        () -> files.withAttachments(List.of(a, a)),
        "attachments must not name a file twice");
    assertRefused(
        ErrorCode.BAD_REQUEST, () -> files.withAttachments(List.of()), "text must not be empty");
    List<FileId> many =
        java.util.stream.IntStream.range(0, 11).mapToObj(i -> FileId.of("f" + i)).toList();
    assertRefused(
        ErrorCode.TOO_LARGE, () -> files.withAttachments(many), "at most 10 attachments, not 11");
    assertRefused(
        ErrorCode.BAD_REQUEST,
        () -> FileId.of("a b"),
        "file id must have only A-Z, a-z, 0-9, _ and -");
  }
}
