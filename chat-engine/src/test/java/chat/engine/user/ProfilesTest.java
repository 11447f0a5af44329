package chat.engine.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import chat.engine.hook.ActionHook;
import chat.engine.hook.UserAction;
import chat.engine.running.TwoNodeTest;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How users are shown to others, on two nodes. */
@Timeout(120)
final class ProfilesTest extends TwoNodeTest {
  private static final ProfileUpdate NAMED = ProfileUpdate.NOTHING.withDisplayName("Ada");

  @Override
  protected EngineBuilder northSettings(EngineBuilder settings) {
    return settings.actionHook(
        ActionHook.blocking(
            action -> {
              if (action instanceof UserAction.UpdateProfile profile
                  && "root".equals(profile.update().displayName())) {
                throw ChatException.forbidden("nobody is called root");
              }
            }));
  }

  private static void assertBad(Callable<ProfileUpdate> update) {
    assertThatThrownBy(update::call)
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST));
  }

  @Test
  void everybodySeesThemOnAllNodesAtOnce() {
    assertThat(north.asUser(ADA).updateProfile(NAMED).join())
        .isEqualTo(new Profile(ADA, "Ada", null));
    assertThat(south.asUser(BOB).profiles(Set.of(BOB, ADA)).join())
        .containsExactly(new Profile(ADA, "Ada", null), Profile.empty(BOB));
    north.asUser(ADA).updateProfile(ProfileUpdate.NOTHING.withDisplayName(null)).join();
    assertThat(south.asUser(BOB).profiles(Set.of(ADA)).join()).containsExactly(Profile.empty(ADA));
    assertThat(south.asUser(BOB).profiles(Set.of()).join()).isEmpty();
  }

  @Test
  void aBlockHidesThemBothWaysAndNobodyElsesAndNotOnesOwn() {
    north.asUser(ADA).updateProfile(NAMED).join();
    north.asUser(BOB).updateProfile(ProfileUpdate.NOTHING.withDisplayName("Bob")).join();
    north.asUser(ADA).block(BOB).join();
    for (ChatEngine node : new ChatEngine[] {north, south}) {
      assertThat(node.asUser(BOB).profiles(Set.of(ADA, BOB)).join())
          .containsExactly(Profile.empty(ADA), new Profile(BOB, "Bob", null));
      assertThat(node.asUser(ADA).profiles(Set.of(BOB)).join()).containsExactly(Profile.empty(BOB));
      assertThat(node.asUser(CLEO).profiles(Set.of(ADA)).join())
          .containsExactly(new Profile(ADA, "Ada", null));
    }
    south.asUser(ADA).unblock(BOB).join();
    assertThat(north.asUser(BOB).profiles(Set.of(ADA)).join())
        .containsExactly(new Profile(ADA, "Ada", null));
  }

  @Test
  void theApplicationDecidesAndTheRulesOfNamesHold() {
    ProfileUpdate root = ProfileUpdate.NOTHING.withDisplayName("root");
    assertRefused(north.asUser(ADA).updateProfile(root), ErrorCode.FORBIDDEN);
    assertThat(south.asUser(ADA).profiles(Set.of(ADA)).join()).containsExactly(Profile.empty(ADA));
    assertBad(() -> ProfileUpdate.NOTHING.withDisplayName(""));
    assertBad(() -> ProfileUpdate.NOTHING.withDisplayName(" "));
    assertBad(() -> ProfileUpdate.NOTHING.withDisplayName("a\u202Eb"));
    assertBad(
        () -> ProfileUpdate.NOTHING.withDisplayName("x".repeat(ProfileUpdate.MAX_NAME_LENGTH + 1)));
    assertBad(() -> ProfileUpdate.NOTHING.withAvatarUrl("javascript:alert(1)"));
    Set<UserId> many =
        IntStream.range(0, 101).mapToObj(i -> UserId.of("u" + i)).collect(Collectors.toSet());
    assertRefused(south.asUser(ADA).profiles(many), ErrorCode.TOO_LARGE);
  }
}
