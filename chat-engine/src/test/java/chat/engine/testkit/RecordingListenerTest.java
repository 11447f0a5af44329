package chat.engine.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.ConversationChanged;
import chat.engine.event.MessageReceived;
import chat.engine.event.SessionEnded;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RecordingListenerTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("bob");

  /** For what never comes. */
  private static final Duration SHORT = Duration.ofMillis(50);

  private final TestChat chat = TestChat.open();

  @AfterEach
  void close() {
    chat.close();
  }

  private ConversationId talk() {
    return chat.engine().asUser(ADA).openDirect(BOB).join().id();
  }

  private void send(ConversationId conversation, String text) {
    chat.engine().asUser(ADA).send(conversation, NewMessage.text(text)).join();
  }

  @Test
  void eventsAreTakenInTheirOrder() {
    RecordingListener bob = chat.connect(BOB);
    ConversationId talk = talk();
    send(talk, "one");
    send(talk, "two");
    send(talk, "three");
    assertThat(bob.awaitNext(ConversationChanged.class).conversation().id()).isEqualTo(talk);
    assertThat(bob.awaitMessage("two").seq()).isEqualTo(2);
    assertThat(bob.awaitNext(MessageReceived.class).message().text()).isEqualTo("three");
    assertThat(bob.texts(talk)).containsExactly("one", "two", "three");
    assertThat(bob.events()).hasSize(4);
    bob.assertNoMoreMessages();
  }

  @Test
  void whatDoesNotComeOrCameBeforeFailsWithAllThatCame() {
    RecordingListener bob = new RecordingListener(SHORT);
    assertThatThrownBy(() -> bob.awaitMessage("hello"))
        .isInstanceOf(AssertionError.class)
        .hasMessage("a message \"hello\" did not arrive within PT0.05S; nothing arrived");
    ConversationId talk = talk();
    chat.engine().connect(BOB, DeviceId.of("phone"), bob).join();
    RecordingListener witness = chat.connect(BOB);
    send(talk, "one");
    send(talk, "two");
    witness.awaitMessage("two");
    awaitPatiently(bob, "two");
    assertThatThrownBy(() -> bob.awaitMessage("one"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(
            "a message \"one\" did not arrive within PT0.05S; arrived so far (* was awaited before):")
        .hasMessageContaining("\n * message 1 of " + talk + " from ada: \"one\"")
        .hasMessageContaining("\n * message 2 of " + talk + " from ada: \"two\"");
    assertThatThrownBy(() -> bob.awaitNext(SessionEnded.class))
        .hasMessageContaining("a SessionEnded did not arrive");
  }

  private static void awaitPatiently(RecordingListener listener, String text) {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsMatching(AssertionError.class::isInstance)
        .until(() -> listener.awaitMessage(text) != null);
  }

  @Test
  void noMoreMessagesMeansNoneThatTheStoreHas() {
    ConversationId talk = talk();
    send(talk, "before bob was there");
    RecordingListener bob = chat.connect(BOB);
    bob.assertNoMoreMessages();
    send(talk, "unexpected");
    assertThatThrownBy(bob::assertNoMoreMessages)
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("no more messages were expected")
        .hasMessageContaining("from ada: \"unexpected\"");
    bob.awaitMessage("unexpected");
    bob.assertNoMoreMessages();
    bob.session().send(talk, NewMessage.text("from this very session")).join();
    bob.assertNoMoreMessages();
  }

  @Test
  void aMessageThatIsStillToComeIsMoreToo() {
    ConversationId talk = talk();
    TestNode elsewhere = chat.addNode();
    RecordingListener bob = elsewhere.connect(BOB);
    chat.inject(Fault.routerAway());
    send(talk, "late");
    assertThatThrownBy(bob::assertNoMoreMessages)
        .hasMessageStartingWith("no more messages were expected");
  }

  @Test
  void oneWhoCameLaterIsDueOnlyWhatCameLaterStill() {
    RecordingListener bob = chat.connect(BOB);
    ConversationId group = chat.engine().asUser(ADA).createGroup("g", Set.of()).join().id();
    send(group, "among ourselves");
    chat.engine().asUser(ADA).addMembers(group, Set.of(BOB)).join();
    bob.assertNoMoreMessages();
    send(group, "welcome");
    bob.awaitMessage("welcome");
    bob.assertNoMoreMessages();
  }

  @Test
  void theSessionIsKnownFromTheConnectionOrTheFirstEvent() {
    RecordingListener unconnected = new RecordingListener();
    assertThatThrownBy(unconnected::session).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(unconnected::assertNoMoreMessages)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("TestChat.connect");
    RecordingListener bob = chat.connect(BOB, DeviceId.of("phone"));
    assertThat(bob.session().device()).isEqualTo(DeviceId.of("phone"));
    chat.engine().disconnect(BOB, "closed for today").join();
    assertThat(
            bob.awaitNext(SessionEnded.class, ended -> ended.explanation() != null).explanation())
        .isEqualTo("closed for today");
  }
}
