package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Profile;
import chat.engine.ProfileUpdate;
import chat.engine.UserId;
import chat.engine.spi.ProfileStore;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How users are shown to others. */
interface ProfileContract extends StoreTests {
  String URL = "https://example.org/a.png";

  private ProfileStore profiles() {
    return chat().store().profiles();
  }

  @Test
  default void profilesAreFoundOnEveryNodeAndOnlyOfThoseWhoHaveSetSomething() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    Profile named = new Profile(ada, "Ada \u00C5", null);
    assertThat(profiles().update(ada, ProfileUpdate.NOTHING.withDisplayName("Ada \u00C5")))
        .isEqualTo(named);
    assertThat(profiles().update(bob, ProfileUpdate.NOTHING.withAvatarUrl(URL)))
        .isEqualTo(new Profile(bob, null, URL));

    ProfileStore node = chat().anotherNode().profiles();
    assertThat(node.find(List.of(ada, bob, eve, chat().user("Ada"))))
        .hasSize(2)
        .containsEntry(ada, named)
        .containsEntry(bob, new Profile(bob, null, URL));
    assertThat(node.find(List.of())).isEmpty();
  }

  @Test
  default void aFieldThatIsNotNamedStaysAndNullClearsOne() {
    UserId ada = chat().user("ada");
    profiles().update(ada, ProfileUpdate.NOTHING.withDisplayName("Ada").withAvatarUrl(URL));
    assertThat(profiles().update(ada, ProfileUpdate.NOTHING.withDisplayName("Countess")))
        .isEqualTo(new Profile(ada, "Countess", URL));
    assertThat(profiles().update(ada, ProfileUpdate.NOTHING.withAvatarUrl(null)))
        .isEqualTo(new Profile(ada, "Countess", null));
    assertThat(profiles().update(ada, ProfileUpdate.NOTHING))
        .isEqualTo(new Profile(ada, "Countess", null));
    profiles().update(ada, ProfileUpdate.NOTHING.withDisplayName(null));
    assertThat(profiles().find(Set.of(ada))).as("as if nothing had been set").isEmpty();
  }

  @Test
  @Tag(Together.TAG)
  default void changesOfDifferentFieldsAtTheSameTimeAreBothKept() throws Exception {
    for (int round = 0; round < 20; round++) {
      UserId ada = chat().user("ada" + round);
      Together.run(
          2,
          i ->
              () ->
                  profiles()
                      .update(
                          ada,
                          i == 0
                              ? ProfileUpdate.NOTHING.withDisplayName("Ada")
                              : ProfileUpdate.NOTHING.withAvatarUrl(URL)));
      assertThat(profiles().find(Set.of(ada))).containsEntry(ada, new Profile(ada, "Ada", URL));
    }
  }
}
