package chat.engine.internal.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.UserId;
import chat.engine.event.PrivacyChanged;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.LocalSessions;
import chat.engine.internal.session.LocalSessions.Client;
import chat.engine.internal.session.UserSessions;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.PrivacyStore;
import chat.engine.spi.StoreUnavailableException;
import chat.engine.testing.HeldAnswers;
import chat.engine.testing.Wrapped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The test says when the store answers, and what news come meanwhile. */
@Timeout(60)
final class OwnPrivacyTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  private final InMemoryMessageStore store = new InMemoryMessageStore();
  private final StoreThreads threads = new StoreThreads(1, 100);
  private final LocalSessions sessions = new LocalSessions();

  /** How many users each read was about. */
  private final List<Integer> reads = new CopyOnWriteArrayList<>();

  private final HeldAnswers answers = new HeldAnswers();

  private final OwnPrivacy privacy = ownPrivacy(10_000);

  private OwnPrivacy ownPrivacy(int maxWaiting) {
    return new OwnPrivacy(
        Wrapped.of(PrivacyStore.class, store.privacy(), this::read),
        threads,
        sessions.registry,
        sessions.context,
        maxWaiting);
  }

  private @Nullable Object read(String method, Object[] arguments, Wrapped.Real real)
      throws Throwable {
    Object found = real.call();
    reads.add(((Collection<?>) arguments[0]).size());
    answers.pass();
    return found;
  }

  @AfterEach
  void close() {
    answers.letGo();
    threads.close();
  }

  private Client connect(UserId user) {
    return sessions.connect(user).liveAt(Map.of());
  }

  private UserSessions home(UserId user) {
    connect(user);
    return Objects.requireNonNull(sessions.registry.find(user));
  }

  private List<UserSessions> homes(int count) {
    return IntStream.range(0, count).mapToObj(i -> home(UserId.of("user" + i))).toList();
  }

  private List<CompletableFuture<Void>> load(List<UserSessions> homes) {
    return homes.stream().map(privacy::load).toList();
  }

  private static void join(List<CompletableFuture<Void>> loads) {
    CompletableFuture.allOf(loads.toArray(CompletableFuture[]::new))
        .orTimeout(10, TimeUnit.SECONDS)
        .join();
  }

  private Privacy hideReads(UserId user, boolean hide) {
    store.privacy().set(user, PrivacyEdit.NOTHING.readReceipts(!hide), Instant.EPOCH);
    return Objects.requireNonNull(store.privacy().find(List.of(user)).get(user));
  }

  private static void failed(CompletableFuture<Void> load, ErrorCode code) {
    assertThatThrownBy(() -> load.orTimeout(10, TimeUnit.SECONDS).join())
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, refusal -> assertThat(refusal.code()).isEqualTo(code));
  }

  private void awaitReads(int count) {
    await().until(() -> reads.size() == count);
  }

  private static List<Privacy> told(Client client) {
    return client.events(PrivacyChanged.class).stream().map(PrivacyChanged::privacy).toList();
  }

  // ---- users who come

  @Test
  void settingsThatAreKnownAreNotReadAgain() {
    UserSessions home = home(ADA);
    hideReads(ADA, true);
    join(List.of(privacy.load(home)));
    assertThat(home.seesReads()).isFalse();
    assertThat(privacy.load(home)).isCompleted();
    assertThat(reads).containsExactly(1);
  }

  @Test
  void usersWhoComeDuringAReadAreReadTogetherFiveHundredAtOnce() {
    Semaphore permits = answers.hold();
    List<CompletableFuture<Void>> first = load(List.of(home(ADA)));
    awaitReads(1);
    List<UserSessions> many = homes(501);
    List<CompletableFuture<Void>> loads = load(many);
    assertThat(reads).as("one read at a time").hasSize(1);
    permits.release(3);
    join(first);
    join(loads);
    assertThat(reads).containsExactly(1, 500, 1);
    assertThat(many).allMatch(UserSessions::knowsPrivacy);
  }

  @Test
  void usersBeyondTheBoundAreRefusedUntilTheOthersAreBeingRead() {
    OwnPrivacy bounded = ownPrivacy(2);
    Semaphore permits = answers.hold();
    CompletableFuture<Void> underWay = bounded.load(home(ADA));
    awaitReads(1);
    List<UserSessions> homes = homes(4);
    CompletableFuture<Void> one = bounded.load(homes.get(0));
    CompletableFuture<Void> two = bounded.load(homes.get(1));
    CompletableFuture<Void> refused = bounded.load(homes.get(2));
    assertThat(refused).isCompletedExceptionally();
    failed(refused, ErrorCode.BUSY);
    permits.release();
    awaitReads(2);
    CompletableFuture<Void> later = bounded.load(homes.get(2));
    CompletableFuture<Void> last = bounded.load(homes.get(3));
    permits.release(2);
    join(List.of(underWay, one, two, later, last));
    assertThat(reads).containsExactly(1, 2, 2);
  }

  @Test
  void aReadThatFailsConcernsItsUsersOnlyAndTheyMayComeAgain() {
    Semaphore permits = answers.hold();
    UserSessions adas = home(ADA);
    UserSessions bobs = home(BOB);
    answers.failWith(new StoreUnavailableException("away, on purpose", null));
    CompletableFuture<Void> unlucky = privacy.load(adas);
    awaitReads(1);
    CompletableFuture<Void> lucky = privacy.load(bobs);
    permits.release();
    failed(unlucky, ErrorCode.UNAVAILABLE);
    awaitReads(2);
    answers.failWith(null);
    permits.release();
    join(List.of(lucky));
    assertThat(bobs.knowsPrivacy()).isTrue();
    assertThat(adas.knowsPrivacy()).isFalse();
    permits.release();
    join(List.of(privacy.load(adas)));
    assertThat(adas.knowsPrivacy()).isTrue();
  }

  @Test
  void newsThatOvertakeTheReadStay() {
    Client ada = connect(ADA);
    UserSessions home = Objects.requireNonNull(sessions.registry.find(ADA));
    Semaphore permits = answers.hold();
    CompletableFuture<Void> load = privacy.load(home);
    awaitReads(1); // which found nothing
    Privacy now = hideReads(ADA, true);
    privacy.changed(ADA, now, null);
    permits.release();
    join(List.of(load));
    assertThat(home.seesReads()).isFalse();
    assertThat(told(ada)).containsExactly(now);
  }

  // ---- changes

  @Test
  void aChangeIsToldOnceToAllSessionsOfTheUserButTheOneThatMadeIt() {
    Client made = connect(ADA);
    Client other = connect(ADA);
    Client bob = connect(BOB);
    Privacy older = hideReads(ADA, true);
    Privacy now = hideReads(ADA, false);
    privacy.changed(ADA, now, made.session());
    privacy.changed(ADA, now, null);
    privacy.changed(ADA, older, null);
    privacy.changed(UserId.of("not here"), now, null);
    assertThat(told(other)).containsExactly(now);
    assertThat(told(made)).isEmpty();
    assertThat(told(bob)).isEmpty();
  }

  @Test
  void aComparisonTellsOfChangesWhoseNewsWereLost() {
    Client ada = connect(ADA);
    homes(500).forEach(home -> assertThat(home.knowsPrivacy()).isFalse());
    Privacy now = hideReads(ADA, true);
    answers.failWith(new StoreUnavailableException("away, on purpose", null));
    privacy.compare();
    awaitReads(2);
    threads.submit(() -> true).join();
    assertThat(told(ada)).isEmpty();
    answers.failWith(null);
    privacy.compare();
    privacy.compare();
    awaitReads(6);
    threads.submit(() -> true).join();
    assertThat(told(ada)).containsExactly(now);
    assertThat(reads).containsExactly(500, 1, 500, 1, 500, 1);
  }

  @Test
  void aComparisonOfNobodyReadsNothing() {
    privacy.compare();
    threads.submit(() -> true).join();
    assertThat(reads).isEmpty();
    connect(ADA);
    privacy.compare();
    threads.submit(() -> true).join();
    assertThat(reads).containsExactly(1);
  }
}
