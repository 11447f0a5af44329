package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ConversationId;
import chat.engine.Privacy;
import chat.engine.Privacy.Audience;
import chat.engine.PrivacyEdit;
import chat.engine.ReceiptKind;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.ReceiptMove;
import chat.engine.spi.MessageStore.Mark;
import chat.engine.spi.PrivacyStore;
import chat.engine.spi.PrivacyStore.SetOutcome;
import chat.engine.spi.PrivacyStore.SetOutcome.Done;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What users let others see. */
interface PrivacyContract extends StoreTests {
  PrivacyEdit READS_ON = PrivacyEdit.NOTHING.readReceipts(true);
  PrivacyEdit READS_OFF = PrivacyEdit.NOTHING.readReceipts(false);

  private PrivacyStore privacy() {
    return chat().store().privacy();
  }

  private Instant now() {
    return chat().drafts().now();
  }

  private Set<UserId> receiptsSince(Mark mark, ConversationId conversation) {
    return chat().anotherNode().writesSince(mark).receipts().getOrDefault(conversation, Set.of());
  }

  @Test
  default void settingsAreFoundOnEveryNodeAndOnlyOfThoseWhoHaveChangedThem() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId eve = chat().user("eve");
    PrivacyEdit contacts = PrivacyEdit.NOTHING.lastSeen(Audience.CONTACTS);
    assertThat(privacy().set(ada, contacts, now()))
        .isEqualTo(new Done(new Privacy(Audience.CONTACTS, true, 1), true));
    assertThat(privacy().set(ada, contacts, now()))
        .as("again")
        .isEqualTo(new Done(new Privacy(Audience.CONTACTS, true, 1), false));
    assertThat(privacy().set(ada, READS_OFF, now()))
        .isEqualTo(new Done(new Privacy(Audience.CONTACTS, false, 2), true));
    assertThat(privacy().set(bob, PrivacyEdit.NOTHING.lastSeen(Audience.NOBODY), now()))
        .isEqualTo(new Done(new Privacy(Audience.NOBODY, true, 1), true));
    assertThat(privacy().set(eve, READS_ON, now())).isEqualTo(new Done(Privacy.OPEN, false));

    PrivacyStore node = chat().anotherNode().privacy();
    assertThat(node.find(List.of(ada, bob, eve, chat().user("Ada"))))
        .hasSize(2)
        .containsEntry(ada, new Privacy(Audience.CONTACTS, false, 2))
        .containsEntry(bob, new Privacy(Audience.NOBODY, true, 1));
    assertThat(node.find(List.of())).isEmpty();
    node.set(ada, PrivacyEdit.NOTHING.lastSeen(Audience.EVERYONE).readReceipts(true), now());
    assertThat(privacy().find(Set.of(ada)))
        .containsEntry(ada, new Privacy(Audience.EVERYONE, true, 3));
  }

  @Test
  default void whatWasReadIsToldAgainWhenReceiptsAreSwitchedOn() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    ConversationId group = chat().group(ada, bob);
    ConversationId talk = chat().direct(ada, bob).id();
    chat().send(group, ada, 2);
    chat().conversations().moveReceipts(List.of(new ReceiptMove(group, bob, ReceiptKind.READ, 2)));
    privacy().set(bob, READS_OFF, now());
    Mark mark = chat().store().writesSince(null).mark();
    privacy().set(bob, PrivacyEdit.NOTHING.lastSeen(Audience.NOBODY), now());
    assertThat(receiptsSince(mark, group)).as("nothing to do with receipts").isEmpty();

    assertThat(privacy().set(bob, READS_ON, now())).isInstanceOf(Done.class);
    assertThat(receiptsSince(mark, group)).containsExactly(bob);
    assertThat(receiptsSince(mark, talk)).containsExactly(bob);
  }

  @Test
  default void receiptsAreSwitchedOnOnceInAWhileAndOffAtAnyTime() {
    UserId ada = chat().user("ada");
    Instant start = now();
    privacy().set(ada, READS_OFF, start);
    assertThat(privacy().set(ada, READS_ON, start)).isInstanceOf(Done.class);
    assertThat(privacy().set(ada, READS_OFF, start.plusMillis(1))).isInstanceOf(Done.class);

    Duration period = PrivacyStore.SHOWN_AGAIN_PERIOD;
    assertThat(privacy().set(ada, READS_ON, start.plus(period).minusSeconds(3)))
        .isEqualTo(new SetOutcome.TooSoon(Duration.ofSeconds(3)));
    assertThat(privacy().find(Set.of(ada)).get(ada).readReceipts()).as("nothing changed").isFalse();
    assertThat(privacy().set(ada, PrivacyEdit.NOTHING.lastSeen(Audience.NOBODY), start))
        .as("the other setting")
        .isInstanceOf(Done.class);
    assertThat(privacy().set(ada, READS_ON, start.plus(period))).isInstanceOf(Done.class);
  }

  @Test
  @Tag(Together.TAG)
  default void changesAtTheSameTimeAreAllCounted() throws Exception {
    UserId ada = chat().user("ada");
    Together.run(
        4,
        i ->
            () -> {
              for (int n = 0; n < 25; n++) {
                Audience audience = Audience.values()[(n + i) % 3];
                privacy().set(ada, PrivacyEdit.NOTHING.lastSeen(audience), now());
              }
              return true;
            });
    Done last = (Done) privacy().set(ada, READS_OFF, now());
    assertThat(last.now().version()).isBetween(2L, 101L);
    assertThat(privacy().find(Set.of(ada))).containsEntry(ada, last.now());
  }

  @Test
  default void directPeersAreThoseWithADirectConversation() {
    UserId ada = chat().user("ada");
    UserId bob = chat().user("bob");
    UserId cleo = chat().user("cleo");
    UserId eve = chat().user("eve");
    chat().direct(ada, bob);
    chat().direct(cleo, ada);
    chat().direct(bob, cleo);
    chat().group(ada, eve);
    assertThat(privacy().directPeers(ada, Set.of(bob, cleo, eve)))
        .containsExactlyInAnyOrder(bob, cleo);
    assertThat(privacy().directPeers(ada, Set.of(bob, eve))).containsExactly(bob);
    assertThat(privacy().directPeers(eve, Set.of(ada, bob))).isEmpty();
    assertThat(privacy().directPeers(ada, Set.of())).isEmpty();
    assertThat(privacy().directPeers(bob, Set.of(ada))).containsExactly(ada);
  }
}
