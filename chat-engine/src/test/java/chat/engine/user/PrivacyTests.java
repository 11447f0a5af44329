package chat.engine.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.ErrorCode;
import chat.engine.Member;
import chat.engine.NewMessage;
import chat.engine.PageQuery;
import chat.engine.Presence;
import chat.engine.Privacy;
import chat.engine.Privacy.Audience;
import chat.engine.PrivacyEdit;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.event.PresenceChanged;
import chat.engine.event.PrivacyChanged;
import chat.engine.event.ReceiptMoved;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What users let others see, on two nodes of a store. */
@Timeout(300)
abstract class PrivacyTests extends TwoNodeTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int ROUNDS = 200;

  private static final PrivacyEdit READS_OFF = PrivacyEdit.NOTHING.readReceipts(false);
  private static final PrivacyEdit READS_ON = PrivacyEdit.NOTHING.readReceipts(true);

  private static ChatSession connect(
      ChatEngine node, UserId user, String device, RecordingListener listener) {
    return get(node.connect(user, DeviceId.of(device), Map.of(), listener)).session();
  }

  private static PrivacyEdit lastSeen(Audience audience) {
    return PrivacyEdit.NOTHING.lastSeen(audience);
  }

  private static Presence hidden(UserId user) {
    return new Presence(user, false, null);
  }

  // ---- settings

  @Test
  void settingsAreKeptAndShownOnAllDevicesOfTheUser() {
    RecordingListener phone = new RecordingListener();
    RecordingListener laptop = new RecordingListener();
    RecordingListener other = new RecordingListener();
    ChatSession atNorth = connect(north, ADA, "phone", phone);
    connect(south, ADA, "laptop", laptop);
    connect(south, BOB, "d", other);
    assertThat(get(atNorth.privacy())).isEqualTo(Privacy.OPEN);

    Privacy set = get(atNorth.setPrivacy(lastSeen(Audience.CONTACTS)));
    assertThat(set).isEqualTo(new Privacy(Audience.CONTACTS, true, 1));
    assertThat(get(atNorth.setPrivacy(lastSeen(Audience.CONTACTS)))).as("again").isEqualTo(set);
    assertThat(get(south.asUser(ADA).privacy())).isEqualTo(set);
    assertThat(laptop.awaitNext(PrivacyChanged.class).privacy()).isEqualTo(set);

    Privacy last = get(south.asUser(ADA).setPrivacy(READS_OFF));
    assertThat(phone.awaitNext(PrivacyChanged.class).privacy()).isEqualTo(last);
    assertThat(laptop.awaitNext(PrivacyChanged.class).privacy()).isEqualTo(last);
    assertThat(phone.events(PrivacyChanged.class)).as("the first was its own").hasSize(1);
    assertThat(other.events(PrivacyChanged.class)).isEmpty();
  }

  @Tag("thorough")
  @Test
  void aNodeThatHearsNothingFindsTheSettingsInTheStore() {
    RecordingListener laptop = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    connect(south, ADA, "laptop", laptop);
    ChatSession atSouth = connect(south, BOB, "d", bob);
    assertThat(get(atSouth.watchPresence(Set.of(ADA))).get(0).online()).isTrue();
    southRouter.cut();
    get(north.asUser(ADA).setPrivacy(lastSeen(Audience.NOBODY)));
    await().atMost(LONG).until(() -> !laptop.events(PrivacyChanged.class).isEmpty());
    await().atMost(LONG).until(() -> !bob.events(PresenceChanged.class).isEmpty());
    assertThat(bob.events(PresenceChanged.class).get(0).presence()).isEqualTo(hidden(ADA));
  }

  // ---- presence

  private static boolean seesOnline(RecordingListener listener, UserId user) {
    return listener.events(PresenceChanged.class).stream()
        .map(PresenceChanged::presence)
        .filter(presence -> presence.user().equals(user))
        .reduce((first, second) -> second)
        .map(Presence::online)
        .orElse(false);
  }

  @Test
  void whoIsSeenByNobodySeesNobodyOnAnyNode() {
    RecordingListener ada = new RecordingListener();
    RecordingListener bob = new RecordingListener();
    ChatSession atNorth = connect(north, ADA, "d", ada);
    ChatSession atSouth = connect(south, BOB, "d", bob);
    assertThat(get(atNorth.watchPresence(Set.of(ADA, BOB)))).allMatch(Presence::online);
    assertThat(get(atSouth.watchPresence(Set.of(ADA)))).allMatch(Presence::online);

    get(atNorth.setPrivacy(lastSeen(Audience.NOBODY)));
    for (ChatEngine node : List.of(north, south)) {
      assertThat(get(node.asUser(BOB).presence(Set.of(ADA)))).containsExactly(hidden(ADA));
      assertThat(get(node.asUser(ADA).presence(Set.of(BOB)))).containsExactly(hidden(BOB));
      assertThat(get(node.asUser(BOB).presence(Set.of(BOB))).get(0).online()).isTrue();
      assertThat(get(node.asUser(ADA).presence(Set.of(ADA))).get(0).online()).isTrue();
      assertThat(get(node.asApplication().presence(Set.of(ADA, BOB))))
          .as("the application decides itself what it shows")
          .allMatch(Presence::online);
    }
    await().atMost(LONG).until(() -> !bob.events(PresenceChanged.class).isEmpty());
    await().atMost(LONG).until(() -> !ada.events(PresenceChanged.class).isEmpty());
    assertThat(bob.events(PresenceChanged.class).get(0).presence()).isEqualTo(hidden(ADA));
    assertThat(ada.events(PresenceChanged.class).get(0).presence()).isEqualTo(hidden(BOB));
    assertThat(get(atSouth.watchPresence(Set.of(ADA, BOB)))).contains(hidden(ADA));

    get(south.asUser(ADA).setPrivacy(lastSeen(Audience.EVERYONE)));
    await().atMost(LONG).until(() -> seesOnline(bob, ADA) && seesOnline(ada, BOB));
    assertThat(get(south.asUser(BOB).presence(Set.of(ADA))).get(0).online()).isTrue();
  }

  @Tag("thorough")
  @Test
  void withoutAPolicyContactsShareADirectConversation() {
    connect(north, ADA, "d", new RecordingListener());
    connect(south, BOB, "d", new RecordingListener());
    RecordingListener cleo = new RecordingListener();
    ChatSession watching = connect(south, CLEO, "d", cleo);
    get(north.asUser(ADA).openDirect(BOB));
    get(north.asUser(ADA).createGroup("all", Set.of(BOB, CLEO)));
    get(north.asUser(ADA).setPrivacy(lastSeen(Audience.CONTACTS)));
    for (ChatEngine node : List.of(north, south)) {
      assertThat(get(node.asUser(BOB).presence(Set.of(ADA))).get(0).online()).isTrue();
      assertThat(get(node.asUser(CLEO).presence(Set.of(ADA)))).containsExactly(hidden(ADA));
      assertThat(get(node.asUser(ADA).presence(Set.of(BOB, CLEO))))
          .containsExactly(new Presence(BOB, true, null), hidden(CLEO));
    }
    assertThat(get(watching.watchPresence(Set.of(ADA)))).containsExactly(hidden(ADA));
    get(north.asUser(CLEO).openDirect(ADA));
    await().atMost(LONG).until(() -> seesOnline(cleo, ADA));
  }

  @Test
  void thePolicyOfTheApplicationSaysWhoIsAContactAndHidesIfItFails() {
    Set<Set<UserId>> contacts = ConcurrentHashMap.newKeySet();
    contacts.add(Set.of(ADA, CLEO));
    boolean[] fails = new boolean[1];
    ChatEngine third =
        node(
            network.join(),
            settings ->
                settings.contacts(
                    (user, others) -> {
                      if (fails[0]) {
                        throw new IllegalStateException("the application is down");
                      }
                      assertThat(others).isNotEmpty().doesNotContain(user);
                      Set<UserId> known = ConcurrentHashMap.newKeySet();
                      known.addAll(others);
                      known.removeIf(other -> !contacts.contains(Set.of(user, other)));
                      return CompletableFuture.completedFuture(known);
                    }));
    connect(north, ADA, "d", new RecordingListener());
    connect(north, BOB, "d", new RecordingListener());
    connect(north, CLEO, "d", new RecordingListener());
    get(north.asUser(ADA).openDirect(BOB));
    get(north.asUser(ADA).setPrivacy(lastSeen(Audience.CONTACTS)));
    assertThat(get(third.asUser(BOB).presence(Set.of(ADA, CLEO))))
        .containsExactly(hidden(ADA), new Presence(CLEO, true, null));
    assertThat(get(third.asUser(CLEO).presence(Set.of(ADA))).get(0).online()).isTrue();
    assertThat(get(third.asUser(ADA).presence(Set.of(BOB, CLEO))))
        .containsExactly(hidden(BOB), new Presence(CLEO, true, null));

    fails[0] = true;
    assertThat(get(third.asUser(CLEO).presence(Set.of(ADA, BOB))))
        .containsExactly(hidden(ADA), new Presence(BOB, true, null));
  }

  @Test
  void aPolicyThatIsBrokenForOneUserHidesFromThatUserAloneAndInTime() {
    CompletableFuture<Void> end = new CompletableFuture<>();
    Map<String, Supplier<CompletionStage<Set<UserId>>>> broken = new LinkedHashMap<>();
    broken.put(
        "throws an Error",
        () -> {
          throw new NoClassDefFoundError("of the application");
        });
    broken.put("returns null", () -> null);
    broken.put("answers null", () -> CompletableFuture.completedFuture(null));
    broken.put("fails", () -> CompletableFuture.failedFuture(new StackOverflowError("deep")));
    broken.put("never answers", CompletableFuture::new);
    broken.put(
        "hangs",
        () -> {
          end.join(); // and takes no notice of interrupts
          return CompletableFuture.completedFuture(Set.of(ADA));
        });
    broken.put(
        "answers with a set that throws", () -> CompletableFuture.completedFuture(new Torn()));
    AtomicReference<Supplier<CompletionStage<Set<UserId>>>> now = new AtomicReference<>();
    ChatEngine third =
        node(
            network.join(),
            settings ->
                settings
                    .hookDeadline(Duration.ofMillis(500))
                    .contacts(
                        (user, others) ->
                            user.equals(CLEO)
                                ? now.get().get()
                                : CompletableFuture.completedFuture(others)));
    connect(north, ADA, "d", new RecordingListener());
    connect(north, DAN, "d", new RecordingListener());
    get(north.asUser(ADA).setPrivacy(lastSeen(Audience.CONTACTS)));
    try {
      broken.forEach(
          (how, policy) -> {
            now.set(policy);
            CompletableFuture<List<Presence>> cleos = third.asUser(CLEO).presence(Set.of(ADA, DAN));
            assertThat(third.asUser(BOB).presence(Set.of(ADA)))
                .as("BOB, while it %s for CLEO", how)
                .succeedsWithin(LONG)
                .satisfies(seen -> assertThat(seen.get(0).online()).isTrue());
            assertThat(cleos)
                .as("CLEO, where it %s", how)
                .succeedsWithin(LONG)
                .isEqualTo(List.of(hidden(ADA), new Presence(DAN, true, null)));
          });
    } finally {
      end.complete(null);
    }
  }

  /** What an application gets that changes a set which it has given away. */
  private static final class Torn extends AbstractSet<UserId> {
    @Override
    public Iterator<UserId> iterator() {
      throw new ConcurrentModificationException();
    }

    @Override
    public boolean contains(Object user) {
      throw new ConcurrentModificationException();
    }

    @Override
    public int size() {
      return 1_000;
    }
  }

  // ---- read receipts

  private static List<ReceiptMoved> receipts(
      RecordingListener listener, UserId of, ReceiptKind kind) {
    return listener.events(ReceiptMoved.class).stream()
        .filter(moved -> moved.user().equals(of) && moved.kind() == kind)
        .toList();
  }

  private static boolean sees(
      RecordingListener listener, UserId of, ReceiptKind kind, ConversationId id, long seq) {
    return receipts(listener, of, kind).contains(new ReceiptMoved(id, of, kind, seq));
  }

  private static Member member(ChatEngine node, UserId reader, ConversationId id, UserId member) {
    return get(node.asUser(reader).members(id, PageQuery.first())).members().stream()
        .filter(one -> one.user().equals(member))
        .findFirst()
        .orElseThrow();
  }

  private ConversationId talkOfThree(UserId sender) {
    ConversationId talk = get(north.asUser(ADA).openDirect(BOB)).id();
    for (int i = 0; i < 3; i++) {
      get(north.asUser(sender).send(talk, NewMessage.text("hello")));
    }
    return talk;
  }

  @Test
  void whatOneReadsWhoHidesItIsSeenAsReceivedByOthersAndAsReadOnOwnDevices() {
    ConversationId talk = talkOfThree(ADA);
    get(south.asUser(BOB).setPrivacy(READS_OFF));
    RecordingListener ada = new RecordingListener();
    RecordingListener laptop = new RecordingListener();
    connect(south, ADA, "d", ada);
    connect(north, BOB, "laptop", laptop);
    ChatSession phone = connect(south, BOB, "phone", new RecordingListener());

    get(phone.markRead(talk, 2));
    await().atMost(LONG).until(() -> sees(laptop, BOB, ReceiptKind.READ, talk, 2));
    await().atMost(LONG).until(() -> sees(ada, BOB, ReceiptKind.RECEIVED, talk, 2));
    get(phone.markReceived(talk, 3));
    await().atMost(LONG).until(() -> sees(ada, BOB, ReceiptKind.RECEIVED, talk, 3));
    assertThat(receipts(ada, BOB, ReceiptKind.READ)).isEmpty();

    Member hidden = member(north, ADA, talk, BOB);
    assertThat(hidden.readHidden()).isTrue();
    assertThat(hidden.readSeq()).isZero();
    assertThat(hidden.receivedSeq()).isEqualTo(3);
    Member own = member(north, BOB, talk, BOB);
    assertThat(own.readHidden()).isFalse();
    assertThat(own.readSeq()).isEqualTo(2);
    assertThat(get(north.asUser(BOB).inbox(talk)).unread()).isEqualTo(1);
    assertThat(get(north.asUser(BOB).inbox(talk)).readSeq()).isEqualTo(2);
    assertThat(get(north.asApplication().members(talk, PageQuery.first())).members())
        .extracting(Member::readSeq)
        .contains(2L);
  }

  @Test
  void whoHidesItDoesNotSeeItOfOthers() {
    ConversationId talk = talkOfThree(BOB);
    ConversationId group = get(north.asUser(BOB).createGroup("all", Set.of(ADA, CLEO))).id();
    get(north.asUser(BOB).send(group, NewMessage.text("hello")));
    get(north.asUser(BOB).setPrivacy(READS_OFF));
    RecordingListener bob = new RecordingListener();
    RecordingListener cleo = new RecordingListener();
    connect(south, BOB, "d", bob);
    connect(south, CLEO, "d", cleo);

    get(north.asUser(ADA).markRead(talk, 3));
    get(north.asUser(ADA).markRead(group, 1));
    await().atMost(LONG).until(() -> sees(bob, ADA, ReceiptKind.RECEIVED, talk, 3));
    await().atMost(LONG).until(() -> sees(bob, ADA, ReceiptKind.RECEIVED, group, 1));
    await().atMost(LONG).until(() -> sees(cleo, ADA, ReceiptKind.READ, group, 1));
    assertThat(receipts(bob, ADA, ReceiptKind.READ)).isEmpty();
    assertThat(member(south, BOB, group, ADA).readHidden()).isTrue();
    assertThat(member(south, CLEO, group, ADA).readSeq()).isEqualTo(1);
    assertThat(member(south, CLEO, group, BOB).readHidden()).isTrue();

    get(south.asUser(BOB).setPrivacy(READS_ON));
    assertThat(member(north, BOB, talk, ADA).readSeq()).isEqualTo(3);
    get(north.asUser(BOB).send(talk, NewMessage.text("hello")));
    get(north.asUser(ADA).markRead(talk, 4));
    await().atMost(LONG).until(() -> sees(bob, ADA, ReceiptKind.READ, talk, 4));
  }

  @Test
  void switchingItOnAgainShowsHowFarOneHasRead() {
    ConversationId talk = talkOfThree(ADA);
    RecordingListener ada = new RecordingListener();
    connect(south, ADA, "d", ada);
    get(north.asUser(BOB).markRead(talk, 1));
    await().atMost(LONG).until(() -> sees(ada, BOB, ReceiptKind.READ, talk, 1));
    get(north.asUser(BOB).setPrivacy(READS_OFF));
    get(north.asUser(BOB).markRead(talk, 3));
    await().atMost(LONG).until(() -> sees(ada, BOB, ReceiptKind.RECEIVED, talk, 3));

    get(north.asUser(BOB).setPrivacy(READS_ON));
    assertThat(member(south, ADA, talk, BOB).readSeq()).isEqualTo(3);
    await().atMost(LONG).until(() -> sees(ada, BOB, ReceiptKind.READ, talk, 3));
    assertThat(receipts(ada, BOB, ReceiptKind.READ)).hasSize(2);

    get(north.asUser(BOB).setPrivacy(READS_OFF));
    ChatException refusal = refusal(north.asUser(BOB).setPrivacy(READS_ON));
    assertThat(refusal.code()).isEqualTo(ErrorCode.RATE_LIMITED);
    assertThat(refusal.retryAfter().orElseThrow())
        .isBetween(Duration.ofMillis(1), Duration.ofSeconds(10));
  }

  /** It finds all of it in the store, after each step. */
  @Test
  void aNodeThatHearsNothingShowsNoHiddenReadUntilItIsSwitchedOnAgain() {
    ConversationId talk = talkOfThree(ADA);
    RecordingListener ada = new RecordingListener();
    connect(south, ADA, "d", ada);
    southRouter.cut();
    get(north.asUser(BOB).setPrivacy(READS_OFF));
    get(north.asUser(BOB).markRead(talk, 3));
    await().atMost(LONG).until(() -> sees(ada, BOB, ReceiptKind.RECEIVED, talk, 3));
    assertThat(receipts(ada, BOB, ReceiptKind.READ)).isEmpty();

    get(north.asUser(BOB).setPrivacy(READS_ON));
    await().atMost(LONG).until(() -> sees(ada, BOB, ReceiptKind.READ, talk, 3));
  }

  /** Of a read and a change at the same time either comes first; a read after it is not shown. */
  @Test
  void nothingThatIsReadAfterItWasHiddenIsShownAndInTheEndAllIs() {
    RecordingListener ada = new RecordingListener();
    connect(south, ADA, "d", ada);
    List<UserId> readers = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      readers.add(UserId.of("reader" + round));
    }
    ConversationId group = get(north.asUser(ADA).createGroup("all", Set.copyOf(readers))).id();
    for (int i = 0; i < 3; i++) {
      get(north.asUser(ADA).send(group, NewMessage.text("hello")));
    }
    for (UserId reader : readers) {
      CompletableFuture<Void> beside = south.asUser(reader).markRead(group, 1);
      CompletableFuture<Privacy> hides = north.asUser(reader).setPrivacy(READS_OFF);
      CompletableFuture<Void> besideToo = north.asUser(reader).markRead(group, 2);
      get(hides);
      get(south.asUser(reader).markRead(group, 3));
      get(beside);
      get(besideToo);
    }
    await()
        .atMost(LONG)
        .until(
            () ->
                readers.stream()
                    .allMatch(reader -> sees(ada, reader, ReceiptKind.RECEIVED, group, 3)));
    for (UserId reader : readers) {
      assertThat(receipts(ada, reader, ReceiptKind.READ)).noneMatch(moved -> moved.seq() == 3);
    }
    for (UserId reader : readers) {
      get(south.asUser(reader).setPrivacy(READS_ON));
    }
    await()
        .atMost(LONG)
        .until(
            () ->
                readers.stream().allMatch(reader -> sees(ada, reader, ReceiptKind.READ, group, 3)));
  }

  /** Whatever was set beside each other, in the end all nodes show what the store says. */
  @Test
  void changesOnTwoNodesAtTheSameTimeEndWithTheSameOnAll() {
    connect(north, ADA, "d", new RecordingListener());
    RecordingListener bob = new RecordingListener();
    get(connect(south, BOB, "d", bob).watchPresence(Set.of(ADA)));
    for (int round = 0; round < ROUNDS; round++) {
      CompletableFuture<Privacy> one = north.asUser(ADA).setPrivacy(lastSeen(Audience.NOBODY));
      CompletableFuture<Privacy> two = south.asUser(ADA).setPrivacy(lastSeen(Audience.EVERYONE));
      get(one);
      get(two);
    }
    get(north.asUser(ADA).setPrivacy(lastSeen(Audience.EVERYONE)));
    await().atMost(LONG).until(() -> seesOnline(bob, ADA) || noneWasTold(bob));
    get(south.asUser(ADA).setPrivacy(lastSeen(Audience.NOBODY)));
    await().atMost(LONG).until(() -> !seesOnline(bob, ADA) && !noneWasTold(bob));
  }

  private static boolean noneWasTold(RecordingListener listener) {
    return listener.events(PresenceChanged.class).isEmpty();
  }
}
