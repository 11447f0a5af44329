package chat.engine.examples.console.model;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.examples.server.ServerApi;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

final class ModelTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private final Typists typists = new Typists(nanos::get);
  private final Conversations conversations = new Conversations();

  private void later(long millis) {
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private static ObjectNode message(long seq, String text) {
    return ServerApi.object().put("seq", seq).put("from", "bob").put("text", text);
  }

  @Test
  void someoneTypesUntilTheyStopOrAreNotHeardOf() {
    typists.set("1", "bob", true);
    typists.set("1", "eve", true);
    typists.set("1", "eve", false);
    assertThat(typists.in("1")).containsExactly("bob");
    assertThat(typists.in("2")).isEmpty();
    later(Typists.LOST_MILLIS + 1);
    assertThat(typists.in("1")).isEmpty();
  }

  @Test
  void othersAreToldOnceInThreeSecondsAndAnewAfterAMessage() {
    assertThat(typists.tell("1")).isTrue();
    assertThat(typists.tell("1")).isFalse();
    assertThat(typists.tell("2")).isTrue();
    later(3_001);
    assertThat(typists.tell("2")).isTrue();
    typists.toldNothing();
    assertThat(typists.tell("2")).isTrue();
  }

  @Test
  void aConversationThatBeginsWithItsFirstMessageStaysTheOpenOne() {
    Conversation begun = Conversation.begun("bob");
    conversations.open(begun);
    assertThat(conversations.known("7", "Bob", false)).isSameAs(begun);
    assertThat(conversations.isOpen(begun)).isTrue();
    assertThat(conversations.labelled("BOB")).isSameAs(begun);
    assertThat(conversations.labelled("#bob")).isNull();
  }

  @Test
  void theLatestNewsAreLastAndUnreadCountsAreOfTheOthers() {
    Conversation bob = conversations.known("1", "bob", false);
    Conversation walk = conversations.known("2", "walk", true);
    bob.countUnread();
    walk.countUnread();
    conversations.touch(bob);
    assertThat(conversations.all()).containsExactly(walk, bob);
    assertThat(conversations.unreadElsewhere(NOW)).isEqualTo(2);
    conversations.open(bob);
    assertThat(bob.unread()).isZero();
    assertThat(conversations.unreadElsewhere(NOW)).isEqualTo(1);
    conversations.forget(bob);
    assertThat(conversations.open()).isNull();
  }

  private static ObjectNode preferences(String json) {
    return ServerApi.parse(json.replace('\'', '"'));
  }

  @Test
  void whatIsMutedIsNotCountedUntilThen() {
    Conversation bob = conversations.known("1", "bob", false);
    bob.countUnread();
    bob.setView(preferences("{'muted_until':'2026-03-01T13:00:00.000Z','version':2}"));
    assertThat(conversations.unreadElsewhere(NOW)).isZero();
    assertThat(conversations.unreadElsewhere(NOW.plusSeconds(3600))).isEqualTo(1);
    bob.setView(preferences("{'muted_until':null,'version':1}"));
    assertThat(bob.isMuted(NOW)).as("an older state changes nothing").isTrue();
    bob.setView(preferences("{'muted_until':null,'version':3}"));
    assertThat(bob.isMuted(NOW)).isFalse();
    bob.beginView(preferences("{'pinned':true,'version':1}"));
    assertThat(bob.isPinned()).as("a sync begins anew").isTrue();
  }

  @Test
  void aMessageEndsTheArchive() {
    Conversation bob = conversations.known("1", "bob", false);
    bob.reached(4);
    bob.setView(preferences("{'archived':true,'archived_at_seq':4,'version':1}"));
    assertThat(bob.isArchived()).isTrue();
    bob.see(message(5, "hello"));
    assertThat(bob.isArchived()).isFalse();
  }

  @Test
  void thoseHaveReadWhoHaveReadTheLastMessageIfItIsOwn() {
    Conversation bob = conversations.known("1", "bob", false);
    bob.see(message(4, "mine"));
    bob.readUpTo("bob", 4);
    assertThat(bob.readers()).isEmpty();
    bob.sent(4);
    assertThat(bob.readers()).containsExactly("bob");
    bob.see(message(5, "an answer"));
    assertThat(bob.readers()).isEmpty();
  }

  @Test
  void mentionsAreOfMembersAndNotOfLongerNames() {
    assertThat(Mentions.in("@ada and @bobby, not eve", List.of("ada", "bob", "eve")))
        .containsExactly("ada");
    assertThat(Mentions.in("(@Bob!)", List.of("bob"))).containsExactly("bob");
  }

  @Test
  void emojiHaveTheNamesOfThePage() {
    Emoji emoji = Emoji.load();
    assertThat(emoji.names()).hasSizeGreaterThan(250).contains("smile", "tada");
    assertThat(emoji.named("thumbs_up")).isEqualTo("👍");
    assertThat(emoji.named(":heart:")).isEqualTo("❤️");
    assertThat(emoji.named("no_such")).isNull();
    assertThat(emoji.inText("well :smile:! (:tada:) 10:up:20 :no_such: :"))
        .isEqualTo("well 😄! (🎉) 10:up:20 :no_such: :");
  }

  @Test
  void whatIsNotAnsweredWaitsInTheOutbox() throws InterruptedException {
    Outbox outbox = new Outbox();
    ObjectNode one = ServerApi.object().put("client_message_id", "1");
    ObjectNode two = ServerApi.object().put("client_message_id", "2");
    outbox.add(one);
    outbox.add(two);
    assertThat(outbox.done(one)).isTrue();
    assertThat(outbox.done(one)).isFalse();
    outbox.awaitEmpty(1);
    assertThat(outbox.waiting()).containsExactly(two);
  }
}
