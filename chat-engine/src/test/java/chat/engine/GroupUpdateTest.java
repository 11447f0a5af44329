package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.GroupUpdate.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a group may be called and be about, and what an update changes. */
final class GroupUpdateTest {
  private static final Conversation GROUP =
      Conversation.group(ConversationId.of(7), "hikers", Instant.EPOCH);

  private static void refused(ErrorCode code, String field, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(code);
              assertThat(refusal).hasMessageContaining(field);
            });
  }

  @Test
  void aDescriptionHasLinesAndSomethingToSee() {
    for (String good : List.of("x", "a\nb\tc\r\n", "😀", "x".repeat(2_048))) {
      assertThat(GroupUpdate.of().withDescription(good).description()).isEqualTo(good);
    }
    for (String bad :
        List.of("", " \n ", "\u200b", "a\u0000", "a\u0007", "\ud83d", "x".repeat(2_049))) {
      refused(ErrorCode.BAD_REQUEST, "description", () -> GroupUpdate.of().withDescription(bad));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a/",
        "https://pictures.example/a%20b.png?x=1#y",
        "HTTPS://EXAMPLE.com:8443/ä.png"
      })
  void anAvatarIsAtAnHttpUrl(String url) {
    assertThat(GroupUpdate.of().withAvatarUrl(url).avatarUrl()).isEqualTo(url);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a.png",
        "//host/a.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "ftp://host/a.png",
        "https:a.png",
        "https:///a.png",
        "https://host/a b",
        "https://host/\n",
        "https://host/<script>"
      })
  void andNowhereElse(String url) {
    refused(ErrorCode.BAD_REQUEST, "avatar_url", () -> GroupUpdate.of().withAvatarUrl(url));
  }

  @Test
  void theOtherFieldsHaveTheirLimits() {
    String longest = "https://host/" + "x".repeat(2_048 - 13);
    assertThat(GroupUpdate.of().withAvatarUrl(longest).avatarUrl()).hasSize(2_048);
    refused(
        ErrorCode.BAD_REQUEST, "avatar_url", () -> GroupUpdate.of().withAvatarUrl(longest + "x"));
    refused(ErrorCode.BAD_REQUEST, "group name", () -> GroupUpdate.of().withName(" "));
    refused(
        ErrorCode.TOO_LARGE,
        "group attributes",
        () -> GroupUpdate.of().withAttributes("x".repeat(4_097)));
    for (Duration bad :
        List.of(
            Duration.ofSeconds(-1),
            Duration.ofMillis(1_500),
            Duration.ofDays(1).plusSeconds(1),
            Duration.ofSeconds(Long.MAX_VALUE))) {
      refused(ErrorCode.BAD_REQUEST, "slow_mode_seconds", () -> GroupUpdate.of().withSlowMode(bad));
    }
    assertThat(GroupUpdate.of().withSlowMode(Duration.ofDays(1)).slowMode())
        .isEqualTo(Duration.ofDays(1));
  }

  @Test
  void onlyWhatItNamesChanges() {
    GroupUpdate update = GroupUpdate.of().withDescription("d").withSlowMode(Duration.ofSeconds(9));
    Conversation after = update.applyTo(GROUP);
    assertThat(after.name()).isEqualTo("hikers");
    assertThat(after.description()).isEqualTo("d");
    assertThat(after.slowMode()).hasSeconds(9);
    assertThat(after.withoutDetails()).isEqualTo(GROUP);
    assertThat(GroupUpdate.of().withDescription(null).applyTo(after).description()).isNull();
    assertThat(update.fields()).containsExactlyInAnyOrder(Field.DESCRIPTION, Field.SLOW_MODE);
    assertThat(update.without(Field.DESCRIPTION))
        .isEqualTo(GroupUpdate.of().withSlowMode(Duration.ofSeconds(9)));
    assertThat(update.without(Field.NAME)).isEqualTo(update);
  }

  @Test
  void whatIsSoAlreadyIsNoNews() {
    GroupUpdate update =
        GroupUpdate.of().withName("hikers").withDescription("d").withAvatarUrl(null);
    assertThat(update.newsFor(GROUP)).isEqualTo(GroupUpdate.of().withDescription("d"));
    assertThat(update.newsFor(update.applyTo(GROUP)).isEmpty()).isTrue();
  }

  @Test
  void aValueOfAFieldThatDoesNotChangeIsAMistake() {
    assertThatThrownBy(() -> new GroupUpdate(Set.of(), null, "d", null, null, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new GroupUpdate(Set.of(Field.NAME), null, null, null, null, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
