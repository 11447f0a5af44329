package chat.engine.bot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.event.MessageChanged;
import chat.engine.feed.Feed;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class BotTest extends TwoNodeTest {
  private static final UserId ECHO = UserId.of("echo");
  private static final UserId OTHER = UserId.of("other-bot");

  private static List<String> texts(ChatEngine node, UserId reader, ConversationId conversation) {
    return get(node.asUser(reader).history(conversation, HistoryQuery.newest())).messages().stream()
        .map(message -> message.from() + ": " + message.text())
        .toList();
  }

  private List<Message> messages(ConversationId conversation) {
    return get(north.asApplication().history(conversation, HistoryQuery.newest())).messages();
  }

  private static Bot echo() {
    return Bot.of(question -> "you said " + question.message().text());
  }

  private void waitFor(ConversationId conversation, String... texts) {
    await().untilAsserted(() -> assertThat(texts(north, ADA, conversation)).containsExactly(texts));
  }

  @Test
  void aBotAnswersInADirectConversationAndOnceOnTwoNodes() {
    get(north.bots(Map.of(ECHO, echo())));
    get(south.bots(Map.of(ECHO, echo())));
    ConversationId direct = get(north.asUser(ADA).openDirect(ECHO)).id();
    get(south.asUser(ADA).send(direct, NewMessage.text("hello")));
    waitFor(direct, "ada: hello", "echo: you said hello");
    get(north.asUser(ADA).send(direct, NewMessage.text("again")));
    waitFor(direct, "ada: hello", "echo: you said hello", "ada: again", "echo: you said again");
    assertThat(messages(direct).get(1).replyTo()).isNull();
  }

  @Test
  void inGroupsItAnswersWhoMentionsIt() {
    get(north.bots(Map.of(ECHO, echo())));
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(BOB, ECHO))).id();
    get(north.asUser(ADA).send(group, NewMessage.text("among us")));
    get(north.asUser(BOB).send(group, NewMessage.text("@echo hi").withMentions(List.of(ECHO))));
    get(north.asUser(BOB).send(group, NewMessage.text("nothing")));
    await().until(() -> messages(group).size() == 4);
    Message answer = messages(group).get(3);
    assertThat(answer.text()).isEqualTo("you said @echo hi");
    assertThat(answer.replyTo()).isEqualTo(2);
  }

  @Test
  void botsAreNotAskedByEachOther() {
    List<String> asked = new CopyOnWriteArrayList<>();
    Bot chatty =
        (question, answer) -> {
          asked.add(question.bot() + " " + question.message().text());
          return answer.reply("and you, " + question.message().from() + "?");
        };
    get(north.bots(Map.of(ECHO, chatty, OTHER, chatty)));
    ConversationId direct = get(north.asUser(ECHO).openDirect(OTHER)).id();
    get(north.asUser(ECHO).send(direct, NewMessage.text("hello, bot")));
    ConversationId mine = get(north.asUser(ADA).openDirect(OTHER)).id();
    get(north.asUser(ADA).send(mine, NewMessage.text("hello")));
    await().until(() -> messages(mine).size() == 2);
    assertThat(asked).containsExactly("other-bot hello");
    assertThat(messages(direct)).hasSize(1);
  }

  @Test
  void aQuestionThatComesAgainIsNotAnsweredTwice() {
    AtomicInteger asked = new AtomicInteger();
    Bot twoAnswers =
        (question, answer) -> {
          int time = asked.incrementAndGet();
          return answer.reply("one, time " + time).thenCompose(d -> answer.reply("two, " + time));
        };
    Feed bots = get(north.bots(Map.of(ECHO, twoAnswers)));
    ConversationId direct = get(north.asUser(ADA).openDirect(ECHO)).id();
    get(north.asUser(ADA).send(direct, NewMessage.text("hello")));
    waitFor(direct, "ada: hello", "echo: one, time 1", "echo: two, 1");
    get(bots.replay(Instant.now().minus(Duration.ofHours(1))));
    await().until(() -> asked.get() == 2);
    get(north.asUser(ADA).send(direct, NewMessage.text("more")));
    waitFor(
        direct,
        "ada: hello",
        "echo: one, time 1",
        "echo: two, 1",
        "ada: more",
        "echo: one, time 3",
        "echo: two, 3");
  }

  @Test
  void aFaultIsFollowedByAnotherAttempt() {
    List<Integer> attempts = new CopyOnWriteArrayList<>();
    Bot moody =
        (question, answer) -> {
          attempts.add(question.attempt());
          if (question.attempt() == 1) {
            throw new IllegalStateException("on purpose");
          }
          return answer.reply("now");
        };
    get(north.bots(Map.of(ECHO, moody)));
    ConversationId direct = get(north.asUser(ADA).openDirect(ECHO)).id();
    get(north.asUser(ADA).send(direct, NewMessage.text("hello")));
    waitFor(direct, "ada: hello", "echo: now");
    assertThat(attempts).containsExactly(1, 2);
  }

  @Test
  void whatABotMayNotSayIsLeftOut() {
    CompletableFuture<Void> banned = new CompletableFuture<>();
    List<Object> ends = new CopyOnWriteArrayList<>();
    Bot slow =
        (question, answer) ->
            banned
                .thenCompose(done -> answer.reply("too late"))
                .whenComplete((done, fault) -> ends.add(fault == null ? "done" : fault));
    get(north.bots(Map.of(ECHO, slow)));
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(ECHO))).id();
    get(north.asUser(ADA).send(group, NewMessage.text("@echo").withMentions(List.of(ECHO))));
    get(north.asUser(ADA).removeMembers(group, Set.of(ECHO)));
    banned.complete(null);
    await().until(() -> !ends.isEmpty());
    assertThat(ends).containsExactly("done");
    assertThat(messages(group)).hasSize(1);
  }

  @Test
  void anAnswerOfABotThatWasRemovedMeanwhileEndsWithWhatItShowed() {
    List<StreamedAnswer> growing = new CopyOnWriteArrayList<>();
    Bot writer =
        (question, answer) ->
            answer.stream()
                .thenCompose(
                    one -> {
                      one.append("half");
                      growing.add(one);
                      return new CompletableFuture<>();
                    });
    get(north.bots(Map.of(ECHO, writer)));
    for (boolean goesOn : List.of(true, false)) {
      ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(ECHO))).id();
      get(north.asUser(ADA).send(group, NewMessage.text("@echo").withMentions(List.of(ECHO))));
      waitFor(group, "ada: @echo", "echo: half");
      get(north.asUser(ADA).removeMembers(group, Set.of(ECHO)));
      StreamedAnswer removed = growing.get(growing.size() - 1);
      if (goesOn) {
        removed.append(" of what it says");
      } else {
        get(removed.finish("Nothing came."));
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(messages(group).get(1).attributes())
                      .isEqualTo("{\"bot\":{\"answer_to\":1}}"));
      assertThat(texts(north, ADA, group)).containsExactly("ada: @echo", "echo: half");
      get(removed.finish());
      assertThat(removed.isFinished()).isTrue();
    }
  }

  @Test
  void aBotReadsTheHistoryThatItMayRead() {
    List<List<String>> read = new CopyOnWriteArrayList<>();
    Bot reader =
        (question, answer) ->
            question
                .history(3)
                .thenAccept(all -> read.add(all.stream().map(Message::text).toList()));
    get(north.bots(Map.of(ECHO, reader)));
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(ECHO))).id();
    for (String text : List.of("a", "b", "c")) {
      get(north.asUser(ADA).send(group, NewMessage.text(text)));
    }
    get(north.asUser(ADA).deleteMessage(group, 3));
    get(north.asUser(ADA).send(group, NewMessage.text("@echo").withMentions(List.of(ECHO))));
    await().until(() -> !read.isEmpty());
    assertThat(read).containsExactly(List.of("b", "@echo"));
  }

  @Test
  void anAnswerGrowsAndEndsWithTheWholeText() {
    RecordingListener listener = connect(south, ADA);
    List<String> pieces = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      pieces.add("wörd" + i + " ");
    }
    String whole = String.join("", pieces) + "👍";
    Bot writer =
        (question, answer) ->
            answer.stream()
                .thenCompose(
                    growing -> {
                      CompletableFuture<Void> end = new CompletableFuture<>();
                      new Thread(
                              () -> {
                                for (String piece : pieces) {
                                  growing.append(piece);
                                  pause();
                                }
                                growing.append("\ud83d"); // a pair that is cut
                                growing.append("\udc4d\0");
                                growing.finish().whenComplete((done, fault) -> end.complete(null));
                              })
                          .start();
                      return end;
                    });
    get(north.bots(Map.of(ECHO, writer)));
    ConversationId direct = get(north.asUser(ADA).openDirect(ECHO)).id();
    get(north.asUser(ADA).send(direct, NewMessage.text("write")));
    await().until(() -> messages(direct).size() == 2);
    await()
        .untilAsserted(
            () -> {
              Message answer = messages(direct).get(1);
              assertThat(answer.text()).isEqualTo(whole);
              assertThat(answer.attributes()).isEqualTo("{\"bot\":{\"answer_to\":1}}");
            });
    await()
        .untilAsserted(
            () ->
                assertThat(listener.events(MessageChanged.class))
                    .isNotEmpty()
                    .last()
                    .satisfies(last -> assertThat(last.message().text()).isEqualTo(whole)));
    List<String> shown =
        listener.events(MessageChanged.class).stream().map(one -> one.message().text()).toList();
    assertThat(shown).hasSizeBetween(2, 8).allMatch(whole::startsWith);
    assertThat(messages(direct)).hasSize(2);
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aGrowingAnswerIsGoneOnWithAfterACrashAndNotWrittenTwice() {
    AtomicInteger asked = new AtomicInteger();
    List<Boolean> finishedBefore = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> never = new CompletableFuture<>();
    Bot writer =
        (question, answer) -> {
          int time = asked.incrementAndGet();
          return answer.stream()
              .thenCompose(
                  growing -> {
                    finishedBefore.add(growing.isFinished());
                    growing.append("time " + time);
                    return time == 1 ? never : growing.finish();
                  });
        };
    Feed bots = get(north.bots(Map.of(ECHO, writer)));
    ConversationId direct = get(north.asUser(ADA).openDirect(ECHO)).id();
    get(north.asUser(ADA).send(direct, NewMessage.text("write")));
    waitFor(direct, "ada: write", "echo: time 1");
    assertThat(messages(direct).get(1).attributes()).contains("writing");
    bots.close(); // with the answer half written
    Feed again = get(south.bots(Map.of(ECHO, writer)));
    waitFor(direct, "ada: write", "echo: time 2");
    await().until(() -> !String.valueOf(messages(direct).get(1).attributes()).contains("writing"));
    get(again.replay(Instant.now().minus(Duration.ofHours(1))));
    await().until(() -> finishedBefore.size() == 3);
    assertThat(finishedBefore).containsExactly(false, false, true);
    assertThat(texts(north, ADA, direct)).containsExactly("ada: write", "echo: time 2");
  }

  @Test
  void aNodeThatStoodStillDoesNotTouchWhatAnotherOneHasFinished() {
    List<StreamedAnswer> growing = new CopyOnWriteArrayList<>();
    Bot writer =
        (question, answer) ->
            answer.stream()
                .thenCompose(
                    one -> {
                      growing.add(one);
                      one.append("half");
                      return new CompletableFuture<>();
                    });
    Feed late = get(north.bots(Map.of(ECHO, writer)));
    ConversationId direct = get(north.asUser(ADA).openDirect(ECHO)).id();
    get(north.asUser(ADA).send(direct, NewMessage.text("write")));
    waitFor(direct, "ada: write", "echo: half");
    late.close(); // as if its lease had ended
    get(south.bots(Map.of(ECHO, writer)));
    await().until(() -> growing.size() == 2);
    growing.get(1).append(" and the rest");
    get(growing.get(1).finish());
    waitFor(direct, "ada: write", "echo: half and the rest");

    growing.get(0).append(", which is late");
    get(growing.get(0).finish("Nothing came."));
    assertThat(texts(north, ADA, direct)).containsExactly("ada: write", "echo: half and the rest");
    assertThat(messages(direct).get(1).attributes()).isEqualTo("{\"bot\":{\"answer_to\":1}}");
    assertThat(growing.get(0).isFinished()).isTrue();
  }

  /** The node that takes over asks a bot that was removed, or one that keeps silent by then. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatANodeThatDiedHadBegunEndsThoughTheBotDoesNotGoOn(boolean removed) {
    Bot writer =
        (question, answer) ->
            answer.stream()
                .thenCompose(
                    growing -> {
                      growing.append("half");
                      return new CompletableFuture<>();
                    });
    Feed died = get(north.bots(Map.of(ECHO, writer)));
    ConversationId group = get(north.asUser(ADA).createGroup("g", Set.of(ECHO))).id();
    get(north.asUser(ADA).send(group, NewMessage.text("@echo write").withMentions(List.of(ECHO))));
    waitFor(group, "ada: @echo write", "echo: half");
    died.close(); // as if its lease had ended
    if (removed) {
      get(north.asApplication().ensureNoMember(group, ECHO));
    }
    Bot next =
        removed
            ? (question, answer) -> answer.stream().thenCompose(StreamedAnswer::finish)
            : (question, answer) -> CompletableFuture.completedFuture(null);
    get(south.bots(Map.of(ECHO, next)));
    await()
        .untilAsserted(
            () ->
                assertThat(messages(group).get(1).attributes())
                    .isEqualTo("{\"bot\":{\"answer_to\":1}}"));
    assertThat(texts(north, ADA, group)).containsExactly("ada: @echo write", "echo: half");
  }

  @Test
  void anAnswerThatBeginsAnewHasNothingOfWhatItSaidBefore() {
    Bot writer =
        (question, answer) ->
            answer.stream()
                .thenCompose(
                    growing -> {
                      growing.append("something that breaks off");
                      growing.restart();
                      growing.append("all of it");
                      return growing.finish();
                    });
    get(north.bots(Map.of(ECHO, writer)));
    ConversationId direct = get(north.asUser(ADA).openDirect(ECHO)).id();
    get(north.asUser(ADA).send(direct, NewMessage.text("write")));
    waitFor(direct, "ada: write", "echo: all of it");
  }

  @Test
  void anAnswerThatIsTooLongOrDeletedEndsInOrder() {
    List<Boolean> room = new CopyOnWriteArrayList<>();
    List<String> ends = new CopyOnWriteArrayList<>();
    Bot writer =
        (question, answer) ->
            answer.stream()
                .thenCompose(
                    growing -> {
                      room.add(growing.append("x".repeat(north.maxTextBytes())));
                      room.add(growing.append("y"));
                      return growing.finish(
                          question.message().text().equals("long") ? "That is too long." : " ");
                    })
                .thenRun(() -> ends.add(question.message().text()));
    get(north.bots(Map.of(ECHO, writer)));
    ConversationId direct = get(north.asUser(ADA).openDirect(ECHO)).id();
    get(north.asUser(ADA).send(direct, NewMessage.text("long")));
    waitFor(direct, "ada: long", "echo: That is too long.");
    assertThat(room).containsExactly(true, false);
    get(north.asUser(ADA).send(direct, NewMessage.text("blank")));
    waitFor(direct, "ada: long", "echo: That is too long.", "ada: blank", "echo: …");
    await().until(() -> ends.equals(List.of("long", "blank")));
  }

  @Test
  void botsOfAnEngineAreStartedOnce() {
    get(north.bots(Map.of(ECHO, echo())));
    assertRefused(north.bots(Map.of(OTHER, echo())), ErrorCode.CONFLICT);
  }
}
