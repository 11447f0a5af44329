package chat.engine.internal.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Privacy.Audience;
import chat.engine.PrivacyEdit;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.memory.InMemoryMessageStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is hidden from whom, and whose read positions are. */
final class VisibilityTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");
  private static final UserId CLEO = UserId.of("cleo");
  private static final UserId DAN = UserId.of("dan");
  private static final Instant NOW = Instant.EPOCH;

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final StoreThreads threads = new StoreThreads(1, 100);

  /** Whom the application was asked about, by the users for whom. */
  private final Map<UserId, Set<UserId>> asked = new ConcurrentHashMap<>();

  private CompletableFuture<Set<UserId>> contacts = CompletableFuture.completedFuture(Set.of(CLEO));
  private final Visibility visibility =
      new Visibility(
          store.blocks(),
          store.privacy(),
          threads,
          (user, others) -> {
            asked.put(user, others);
            return contacts;
          });

  @AfterEach
  void close() {
    threads.close();
  }

  private void shown(UserId user, Audience audience) {
    store.privacy().set(user, PrivacyEdit.NOTHING.lastSeen(audience), NOW);
  }

  private Set<UserId> hiddenFromAda(UserId... others) {
    return visibility.hidden(ADA, Set.of(others)).join();
  }

  @Test
  void everybodyIsSeenUnlessSomethingElseIsSaid() {
    assertThat(hiddenFromAda(ADA, BOB, CLEO)).isEmpty();
    assertThat(asked).isEmpty();
  }

  @Test
  void usersOfWhomOneHasBlockedTheOtherDoNotSeeEachOther() {
    store.blocks().block(ADA, BOB, NOW);
    store.blocks().block(CLEO, ADA, NOW);
    store.blocks().block(DAN, BOB, NOW);
    assertThat(hiddenFromAda(BOB, CLEO, DAN)).containsExactlyInAnyOrder(BOB, CLEO);
    assertThat(hiddenFromAda(DAN)).as("those who are asked about only").isEmpty();
    assertThat(visibility.hidden(Map.of(ADA, Set.of(BOB, DAN), BOB, Set.of(DAN, CLEO))).join())
        .isEqualTo(Map.of(ADA, Set.of(BOB), BOB, Set.of(DAN)));
  }

  @Test
  void whoIsSeenByNobodySeesNobodyElse() {
    shown(BOB, Audience.NOBODY);
    assertThat(hiddenFromAda(BOB, CLEO)).containsExactly(BOB);
    assertThat(visibility.hidden(BOB, Set.of(ADA, BOB)).join()).containsExactly(ADA);
    assertThat(asked).isEmpty();
  }

  @Test
  void ofTwoAudiencesTheSmallerOneCounts() {
    shown(ADA, Audience.CONTACTS);
    shown(BOB, Audience.NOBODY);
    shown(DAN, Audience.CONTACTS);
    store.blocks().block(ADA, DAN, NOW);
    assertThat(hiddenFromAda(ADA, BOB, CLEO, DAN, UserId.of("eve")))
        .containsExactlyInAnyOrder(BOB, DAN, UserId.of("eve"));
    assertThat(asked).as("where it matters").isEqualTo(Map.of(ADA, Set.of(CLEO, UserId.of("eve"))));
  }

  @Test
  void whileNobodyCanTellTheContactsTheyStayHidden() {
    shown(CLEO, Audience.CONTACTS);
    contacts = CompletableFuture.failedFuture(new IllegalStateException("on purpose"));
    assertThat(hiddenFromAda(BOB, CLEO)).containsExactly(CLEO);
  }

  @Test
  void settingsOfVeryManyAreRead() {
    Set<UserId> many =
        IntStream.range(0, 10_001)
            .mapToObj(i -> UserId.of("user-" + i))
            .collect(Collectors.toSet());
    many.forEach(user -> shown(user, Audience.NOBODY));
    assertThat(visibility.hidden(ADA, many).join()).isEqualTo(many);
  }

  // ---- read positions

  private static Member member(UserId user) {
    return new Member(user, Role.MEMBER, NOW, 0, 0, 7, 8);
  }

  private static MemberList members() {
    return new MemberList(3, List.of(member(ADA), member(BOB), member(CLEO)), true);
  }

  private static List<UserId> hidden(MemberList list) {
    return list.members().stream().filter(Member::readHidden).map(Member::user).toList();
  }

  @Test
  void whoShowsNoReadPositionSeesNoneButTheirOwn() {
    HiddenReads reads = new HiddenReads(store.privacy());
    MemberList all = members();
    assertThat(reads.shownTo(ADA, all)).isSameAs(all);
    assertThat(reads.among(List.of(ADA, BOB))).isEmpty();

    store.privacy().set(BOB, PrivacyEdit.NOTHING.readReceipts(false), NOW);
    assertThat(reads.among(List.of(ADA, BOB))).containsExactly(BOB);
    assertThat(hidden(reads.shownTo(ADA, all))).containsExactly(BOB);
    assertThat(hidden(reads.shownTo(BOB, all))).containsExactly(ADA, CLEO);
    MemberList others = new MemberList(3, List.of(member(CLEO)), false);
    assertThat(hidden(reads.shownTo(BOB, others))).as("on another page").containsExactly(CLEO);
    MemberList shown = reads.shownTo(ADA, all);
    assertThat(shown.rev()).isEqualTo(3);
    assertThat(shown.hasMore()).isTrue();
    assertThat(shown.members().get(1).readSeq()).isZero();
    assertThat(shown.members().get(1).receivedSeq()).isEqualTo(8);
  }
}
