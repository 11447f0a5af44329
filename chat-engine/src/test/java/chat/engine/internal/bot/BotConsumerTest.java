package chat.engine.internal.bot;

import static chat.engine.internal.bot.PlayedChat.ADA;
import static chat.engine.internal.bot.PlayedChat.ASKED;
import static chat.engine.internal.bot.PlayedChat.BOT;
import static chat.engine.internal.bot.PlayedChat.GROUP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatException;
import chat.engine.ClientMessageId;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.bot.Answer;
import chat.engine.bot.Bot;
import chat.engine.bot.Question;
import chat.engine.bot.StreamedAnswer;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedEntry;
import chat.engine.internal.util.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which questions are asked again, and what becomes of the answers of earlier attempts. */
final class BotConsumerTest {
  private static final String WRITING = "{\"bot\":{\"answer_to\":5,\"writing\":true}}";
  private static final String DONE = "{\"bot\":{\"answer_to\":5}}";

  private final Timers timers = new Timers();
  private final PlayedChat chat = new PlayedChat();
  private final List<String> asked = new ArrayList<>();

  @AfterEach
  void close() {
    timers.close();
  }

  private CompletableFuture<Void> ask(
      int attempt, BiFunction<Question, Answer, CompletionStage<?>> bot) {
    Bot answering =
        (question, answer) -> {
          asked.add(question.id());
          return bot.apply(question, answer);
        };
    BotConsumer consumer =
        new BotConsumer(
            Map.of(BOT, answering),
            user -> chat.bot,
            chat.application,
            timers,
            1_000,
            UnaryOperator.identity());
    return consumer.accept(
        new FeedBatch(GROUP.id(), GROUP, List.of(new FeedEntry.Sent(ASKED)), attempt));
  }

  private CompletableFuture<Void> failing(int attempt, Throwable fault) {
    return ask(attempt, (question, answer) -> CompletableFuture.failedFuture(fault));
  }

  private static CompletableFuture<Void> done() {
    return CompletableFuture.completedFuture(null);
  }

  // ---- which questions are asked again

  @Test
  void aStoreThatIsAwayNeverEndsTheAttempts() {
    for (ChatException fault :
        List.of(
            ChatException.unavailable("on purpose", null),
            ChatException.busy("on purpose", Duration.ofSeconds(1)))) {
      assertThat(failing(1, fault)).isCompletedExceptionally();
      assertThat(failing(99, fault)).isCompletedExceptionally();
    }
    assertThat(chat.calls).isEmpty();
  }

  @Test
  void aFaultOfTheBotIsTriedEightTimes() {
    for (Throwable fault :
        List.of(
            new IllegalStateException("on purpose"),
            ChatException.internal("it", new Error("on purpose")))) {
      assertThatThrownBy(() -> failing(1, fault).join()).cause().isSameAs(fault);
      assertThat(failing(7, fault)).isCompletedExceptionally();
      assertThat(failing(8, fault)).isCompleted();
    }
    assertThat(ask(7, BotConsumerTest::thrown)).isCompletedExceptionally();
    assertThat(ask(8, BotConsumerTest::thrown)).isCompleted();
  }

  private static CompletionStage<?> thrown(Question question, Answer answer) {
    throw new IllegalStateException("thrown on purpose");
  }

  @Test
  void whatIsRefusedIsNotTriedAgain() {
    assertThat(failing(1, ChatException.badRequest("on purpose"))).isCompleted();
    assertThat(failing(1, ChatException.forbidden("on purpose"))).isCompleted();
    assertThat(failing(1, ChatException.notFound("on purpose"))).isCompleted();
    assertThat(asked).containsOnly("7:m:5:bot").hasSize(3);
  }

  // ---- answers of earlier attempts

  @Test
  void aBotThatHasNothingToSayEndsWhatAnEarlierAttemptBeganAndNothingElse() {
    chat.history =
        List.of(
            PlayedChat.message(6, BOT, "half an", WRITING),
            PlayedChat.message(7, ADA, "mine", WRITING),
            PlayedChat.message(8, BOT, "whole", DONE),
            PlayedChat.message(9, BOT, "other", "{\"bot\":{\"answer_to\":4,\"writing\":true}}"));
    assertThat(ask(2, (question, answer) -> done())).isCompleted();
    assertThat(chat.calls).containsExactly("application reads 5", "application edits 6: half an");
    assertThat(chat.edits.get(0).attributes()).isEqualTo(DONE);
  }

  @Test
  void aBotThatSaysSomethingNewNeedsNoLookAtTheHistory() {
    assertThat(ask(1, (question, answer) -> answer.reply("this"))).isCompleted();
    assertThat(chat.calls).containsExactly("bot sends this");
    assertThat(chat.sent.get(0).clientMessageId()).isEqualTo(ClientMessageId.of("bot:5:0"));
    assertThat(chat.sent.get(0).replyTo()).isEqualTo(5L);
  }

  @Test
  void anAnswerThatWasSentBeforeSaysNothingNew() {
    chat.sendAnswer = CompletableFuture.completedFuture(PlayedChat.ack(true));
    assertThat(ask(2, (question, answer) -> answer.reply("this"))).isCompleted();
    assertThat(chat.calls).containsExactly("bot sends this", "application reads 5");
  }

  @Test
  void aQuestionThatIsGivenUpEndsWhatWasBegun() {
    chat.history = List.of(PlayedChat.message(6, BOT, "half an", WRITING));
    assertThat(failing(8, new IllegalStateException("on purpose"))).isCompleted();
    assertThat(chat.calls).containsExactly("application reads 5", "application edits 6: half an");
  }

  // ---- streamed answers

  private StreamedAnswer stream() {
    List<StreamedAnswer> streams = new ArrayList<>();
    CompletableFuture<Void> end =
        ask(2, (question, answer) -> answer.stream().thenAccept(streams::add));
    assertThat(end).isCompleted();
    return streams.get(0);
  }

  @Test
  void aStreamThatIsNewGrows() {
    StreamedAnswer stream = stream();
    assertThat(stream.isFinished()).isFalse();
    assertThat(stream.append("text")).isTrue();
    assertThat(chat.calls).containsExactly("bot sends …", "bot edits 6: text");
    NewMessage first = chat.sent.get(0);
    assertThat(first.attributes()).isEqualTo(WRITING);
  }

  @Test
  void aStreamThatAnEarlierAttemptBeganIsGoneOnWith() {
    chat.sendAnswer = CompletableFuture.completedFuture(PlayedChat.ack(true));
    chat.history = List.of(PlayedChat.message(6, BOT, "half an", WRITING));
    StreamedAnswer stream = stream();
    assertThat(stream.isFinished()).isFalse();
    assertThat(chat.calls).as("it goes on").containsExactly("bot sends …", "bot reads 5");
  }

  @Test
  void aStreamThatAnEarlierAttemptFinishedStaysAsItIs() {
    chat.sendAnswer = CompletableFuture.completedFuture(PlayedChat.ack(true));
    for (List<Message> history :
        List.of(
            List.of(PlayedChat.message(6, BOT, "whole", DONE)),
            List.of(PlayedChat.message(7, BOT, "another", WRITING)),
            List.<Message>of())) {
      chat.history = history;
      StreamedAnswer stream = stream();
      chat.calls.clear();
      assertThat(stream.isFinished()).isTrue();
      assertThat(stream.append("more")).isTrue();
      assertThat(stream.finish("other")).isCompleted();
      assertThat(chat.calls).isEmpty();
    }
  }

  @Test
  void aBotThatMayNotWriteIsTakenForOneWhoseAnswerIsThere() {
    chat.sendAnswer = CompletableFuture.failedFuture(ChatException.forbidden("removed"));
    assertThat(stream().isFinished()).isTrue();
    chat.sendAnswer = CompletableFuture.failedFuture(ChatException.unavailable("on purpose", null));
    CompletableFuture<Void> failed = ask(1, (question, answer) -> answer.stream());
    assertThatThrownBy(failed::join).hasRootCauseMessage("on purpose");
  }

  // ---- what a bot may ask

  @Test
  void theHistoryOfAQuestionHasOneToAHundredMessagesUpToIt() {
    BotQuestion question = chat.question(1);
    for (int limit : new int[] {0, 101}) {
      assertThatThrownBy(() -> question.history(limit)).hasMessageContaining("1 to 100");
    }
    chat.history = List.of(PlayedChat.message(4, ADA, "before", null), ASKED);
    assertThat(question.history(1).join()).hasSize(2);
    assertThat(question.history(100)).isCompleted();
    assertThat(chat.calls).containsOnly("bot reads 6");
  }
}
