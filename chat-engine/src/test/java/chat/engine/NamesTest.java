package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Function;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that come from outside: of users, devices, messages and groups. */
final class NamesTest {
  private static final String FACE = "\ud83d\ude00";

  /** What is named, how to make such a name, and its longest length. */
  static Stream<Arguments> kindsOfNames() {
    return Stream.of(
        Arguments.of("user id", name(value -> UserId.of(value).value()), 255),
        Arguments.of("device id", name(value -> DeviceId.of(value).value()), 64),
        Arguments.of("client message id", name(value -> ClientMessageId.of(value).value()), 64),
        Arguments.of("group name", name(Conversation::requireName), 128));
  }

  private static Function<String, String> name(Function<String, String> maker) {
    return maker;
  }

  @ParameterizedTest
  @MethodSource("kindsOfNames")
  void aNameIsKeptCharacterForCharacter(String what, Function<String, String> maker, int longest) {
    for (String value : new String[] {"a", " a ", "A", "\u00e9", "e\u0301", FACE, "a/b?c&d=\"'%"}) {
      assertThat(maker.apply(value)).isEqualTo(value);
    }
  }

  @Test
  void onlyNamesThatPeopleReadMustBeSeen() {
    for (String value : new String[] {" ", "\u200b", "a\u200bb", "a\u202eb"}) {
      assertThat(UserId.of(value).value()).isEqualTo(value);
      assertThat(DeviceId.of(value).value()).isEqualTo(value);
      assertThat(ClientMessageId.of(value).value()).isEqualTo(value);
      assertThat(GroupKey.of(value).value()).isEqualTo(value);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {" ", "  \u00a0", "\u3000", "\u200b", "\u3164", "\u115f\u1160", "\u2800", "\u00ad"})
  void aGroupNameOfWhichNobodySeesAnythingIsRefused(String blank) {
    assertBadRequest(() -> Conversation.requireName(blank))
        .hasMessage("group name must have a character that can be seen");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\u202eb",
        "a\u2066b",
        "\u200fa",
        "a\u200b",
        "a\u200db",
        "a\u200cb",
        "a\u2060b",
        "a\ufeffb",
        "a\u3164",
        "\uffa0a",
        "a\u034f",
        "a\u17b4",
        "a\ufe0f",
        "a\udb40\udc41",
        "a\ud81b\udfe4",
        "a\u2028b",
        "a\u2029b"
      })
  void aGroupNameWithSomethingInvisibleIsRefused(String name) {
    assertBadRequest(() -> Conversation.requireName(name))
        .hasMessage("group name has an invisible character, a change of direction or a line break");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hikers",
        "\u0645\u062c\u0645\u0648\u0639\u0629",
        "\u0915\u094d\u0937",
        "\u2764\ufe0f",
        "1\ufe0f\u20e3",
        "\u2194\ufe0f",
        "\ud83d\udc68\u200d\ud83d\udc69\u200d\ud83d\udc67 family",
        "\u2764\ufe0f\u200d\ud83d\udd25",
        "\ud83e\uddd1\ud83c\udffd\u200d\ud83d\ude80",
        "\ud83c\uddeb\ud83c\uddf7"
      })
  void wordsAndEmojiAreGroupNames(String name) {
    assertThat(Conversation.requireName(name)).isEqualTo(name);
  }

  @ParameterizedTest
  @MethodSource("kindsOfNames")
  void theLongestNameIsAllowedAndOneCharacterMoreIsRefusedWithItsLength(
      String what, Function<String, String> maker, int longest) {
    assertThat(maker.apply("x".repeat(longest))).hasSize(longest);
    assertThat(maker.apply(FACE.repeat(longest / 2) + "x".repeat(longest % 2))).hasSize(longest);

    assertBadRequest(() -> maker.apply("x".repeat(longest + 1)))
        .hasMessage(what + " must have 1 to " + longest + " characters, not " + (longest + 1));
    assertBadRequest(() -> maker.apply(FACE.repeat(longest / 2) + "x".repeat(longest % 2 + 1)))
        .hasMessageContaining(what)
        .hasMessageContaining("not " + (longest + 1));
  }

  @ParameterizedTest
  @MethodSource("kindsOfNames")
  void anEmptyNameIsRefused(String what, Function<String, String> maker, int longest) {
    assertBadRequest(() -> maker.apply(""))
        .hasMessage(what + " must have 1 to " + longest + " characters, not 0");
  }

  @ParameterizedTest
  @MethodSource("kindsOfNames")
  void aControlCharacterIsRefusedByItsCode(
      String what, Function<String, String> maker, int longest) {
    for (char control : new char[] {0, '\t', '\n', '\r', 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9f}) {
      assertBadRequest(() -> maker.apply("ab" + control + "c"))
          .hasMessage(
              what
                  + String.format(
                      " has a control character (U+%04X), which cannot be shown", (int) control));
    }
  }

  @ParameterizedTest
  @MethodSource("kindsOfNames")
  void halfASurrogatePairIsRefusedInWordsForPeople(
      String what, Function<String, String> maker, int longest) {
    for (String broken : new String[] {"\ud83d", "a\ud83db", FACE + "\ude00", "\ude00\ud83d"}) {
      assertBadRequest(() -> maker.apply(broken))
          .hasMessage(what + " has a broken character, such as one half of an emoji");
    }
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable>
      assertBadRequest(ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST));
  }

  // ---- users

  @Test
  void usersAreTheSameExactlyWhenTheirNamesAre() {
    assertThat(UserId.of("ada")).isEqualTo(UserId.of("ada")).hasSameHashCodeAs(UserId.of("ada"));
    assertThat(UserId.of("ada"))
        .isNotEqualTo(UserId.of("Ada"))
        .isNotEqualTo(UserId.of("ada "))
        .isNotEqualTo("ada");
    assertThat(UserId.of("\u00e9")).isNotEqualTo(UserId.of("e\u0301"));
    assertThat(UserId.of("ada")).isLessThan(UserId.of("bob")).isGreaterThan(UserId.of("Zoe"));
  }

  @Test
  void theSystemIsAUserThatNobodyCanName() {
    assertThat(UserId.SYSTEM.isSystem()).isTrue();
    assertThat(UserId.SYSTEM.value()).isEmpty();
    assertThat(UserId.SYSTEM).hasToString("(system)").isNotEqualTo(UserId.of("(system)"));
    assertThat(UserId.of("(system)").isSystem()).isFalse();
  }

  @Test
  void aStoreGetsBackTheUserOrTheSystemThatItStored() {
    assertThat(UserId.fromStored("")).isSameAs(UserId.SYSTEM);
    assertThat(UserId.fromStored("ada")).isEqualTo(UserId.of("ada")).hasToString("ada");
    assertBadRequest(() -> UserId.fromStored("a\u0000")).hasMessageContaining("U+0000");
  }

  // ---- numbers as names

  @ParameterizedTest
  @ValueSource(strings = {"1", "42", "647544741472509913", "9223372036854775807"})
  void anIdIsADecimalNumber(String text) {
    assertThat(MessageId.parse(text)).isEqualTo(MessageId.of(Long.parseLong(text)));
    assertThat(ConversationId.parse(text)).isEqualTo(ConversationId.of(Long.parseLong(text)));
  }

  @Test
  void anIdReadsAsItsNumber() {
    assertThat(MessageId.of(Long.MAX_VALUE)).hasToString("9223372036854775807");
    assertThat(ConversationId.of(7)).hasToString("7");
    assertThat(MessageId.of(9)).isLessThan(MessageId.of(10));
    assertThat(ConversationId.of(9)).isLessThan(ConversationId.of(10));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "+1",
        "1 ",
        " 1",
        "1.0",
        "1e3",
        "0x1",
        "ten",
        "\u0661\u0662",
        "\uff11",
        "9223372036854775808",
        "99999999999999999999",
        "00000000000000000001",
        "007",
        "00",
        "1_000",
        "null"
      })
  void whatIsNoNumberOf63BitsIsNoId(String text) {
    assertBadRequest(() -> MessageId.parse(text))
        .hasMessage(
            "message id must be a positive decimal number of 63 bits, without leading zeros");
    assertBadRequest(() -> ConversationId.parse(text))
        .hasMessage(
            "conversation id must be a positive decimal number of 63 bits, without leading zeros");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void anIdIsPositive(long value) {
    assertBadRequest(() -> MessageId.of(value))
        .hasMessage("message id must be a positive number, not " + value);
    assertBadRequest(() -> ConversationId.of(value))
        .hasMessage("conversation id must be a positive number, not " + value);
  }

  @Test
  void zeroIsNoIdInTextEither() {
    assertBadRequest(() -> MessageId.parse("0")).hasMessageContaining("not 0");
    assertBadRequest(() -> ConversationId.parse("0")).hasMessageContaining("not 0");
  }
}
