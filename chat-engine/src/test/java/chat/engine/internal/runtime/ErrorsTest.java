package chat.engine.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.spi.RouterUnavailableException;
import chat.engine.spi.StoreBusyException;
import chat.engine.spi.StoreInDoubtException;
import chat.engine.spi.StoreUnavailableException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** The errors that callers of the API get for faults below it. */
final class ErrorsTest {
  private static void assertIs(
      ChatException told, ErrorCode code, boolean inDoubt, String message, Throwable cause) {
    assertThat(told).hasMessage(message).hasCause(cause);
    assertThat(told.code()).isEqualTo(code);
    assertThat(told.inDoubt()).isEqualTo(inDoubt);
  }

  @Test
  void aStoreOrRouterThatIsAwayIsUnavailableAndNothingWasDone() {
    Throwable store = new StoreUnavailableException("away", null);
    assertIs(
        Errors.toChatException(store),
        ErrorCode.UNAVAILABLE,
        false,
        "the store cannot be reached",
        store);
    Throwable router = new RouterUnavailableException("away", null);
    assertIs(
        Errors.toChatException(router),
        ErrorCode.UNAVAILABLE,
        false,
        "the router cannot be reached",
        router);
  }

  @Test
  void aCommitInDoubtIsToldAsSuch() {
    Throwable doubt = new StoreInDoubtException("broken", null);
    assertIs(
        Errors.toChatException(doubt),
        ErrorCode.UNAVAILABLE,
        true,
        "the connection to the store broke while committing",
        doubt);
  }

  @Test
  void aBusyStoreSaysWhyAndWhenToComeBack() {
    ChatException busy = Errors.toChatException(new StoreBusyException("locked", null));
    assertThat(busy.code()).isEqualTo(ErrorCode.BUSY);
    assertThat(busy).hasMessage("the store is busy: locked");
    assertThat(busy.retryAfter()).contains(Duration.ofSeconds(1));
  }

  @Test
  void aRefusalIsPassedOnAsItIsHoweverItIsWrapped() {
    ChatException refusal = ChatException.forbidden("on purpose");
    assertThat(Errors.toChatException(refusal)).isSameAs(refusal);
    assertThat(Errors.toChatException(new CompletionException(refusal))).isSameAs(refusal);
    assertThat(Errors.toChatException(new ExecutionException(refusal))).isSameAs(refusal);
  }

  @Test
  void anythingElseIsInternalAndNamesNoDetail() {
    for (Throwable fault :
        new Throwable[] {
          new IllegalStateException("secret", ChatException.forbidden("on purpose")),
          new CompletionException("secret", null),
          new StackOverflowError("secret")
        }) {
      assertIs(
          Errors.toChatException(fault),
          ErrorCode.INTERNAL,
          false,
          "the engine failed; see its log",
          fault);
    }
  }

  @Test
  void anOutcomeIsPassedOn() {
    CompletableFuture<String> answered = new CompletableFuture<>();
    Futures.relay("value", null, answered);
    assertThat(answered).isCompletedWithValue("value");
    CompletableFuture<String> failed = new CompletableFuture<>();
    Futures.relay(null, new StoreUnavailableException("away", null), failed);
    assertThat(failed.handle((value, fault) -> fault).join())
        .isInstanceOf(ChatException.class)
        .hasMessage("the store cannot be reached");
  }

  @Test
  void commonRefusalsSayWhatIsWrong() {
    ChatException none = Errors.noSuchConversation(ConversationId.of(7));
    assertThat(none.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(none).hasMessage("there is no conversation 7 of this user");
    assertThat(Errors.closing().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(Errors.closing()).hasMessage("this node is closing");
    assertThat(Errors.sessionClosed().code()).isEqualTo(ErrorCode.UNAVAILABLE);
    assertThat(Errors.sessionClosed()).hasMessage("this session is closed");
  }
}
