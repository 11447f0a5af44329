package chat.engine.examples.faultcheck.node;

import chat.engine.UserId;
import chat.engine.bot.Answer;
import chat.engine.bot.Bot;
import chat.engine.bot.Question;
import chat.engine.examples.faultcheck.feed.FaultBots;
import chat.engine.examples.faultcheck.feed.FollowedFeeds;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedConsumer;
import chat.engine.feed.FeedEntry;
import chat.engine.spi.MessageStore;
import chat.engine.spi.feed.FeedStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Feeds and bots that do not do what they should. Thread-safe like what they are made of. */
final class SabotagedFeeds {
  private SabotagedFeeds() {}

  /** The first of several messages is passed over at times. */
  static MessageStore skipEntries(MessageStore store) {
    Optional<FeedStore> feeds =
        store.feeds().map(whole -> BrokenPart.of(whole, FeedStore.class, SabotagedFeeds::skip));
    return BrokenPart.of(
        store, MessageStore.class, call -> call.is("feeds") ? feeds : call.proceed());
  }

  private static @Nullable Object skip(BrokenPart.Call call) throws Throwable {
    Object answer = call.proceed();
    return call.is("behind")
            && call.arguments()[0].equals(FollowedFeeds.AUDIT)
            && answer instanceof List<?> lags
        ? lags.stream().map(lag -> skipped((FeedStore.Lag) lag)).toList()
        : answer;
  }

  private static FeedStore.Lag skipped(FeedStore.Lag lag) {
    FeedStore.Position from = lag.position();
    return lag.lastSeq() > from.seq() && Sabotage.now()
        ? new FeedStore.Lag(
            new FeedStore.Position(from.conversation(), from.seq() + 1, from.rev()),
            lag.lastSeq(),
            lag.lastRev())
        : lag;
  }

  static FeedConsumer reverseEntries(FeedConsumer consumer) {
    return batch -> {
      List<FeedEntry> reversed = new ArrayList<>(batch.entries());
      Collections.reverse(reversed);
      return consumer.accept(
          new FeedBatch(batch.conversationId(), batch.conversation(), reversed, batch.attempt()));
    };
  }

  static Map<UserId, Bot> answerTwice(Map<UserId, Bot> bots) {
    Map<UserId, Bot> twice = new HashMap<>();
    bots.forEach(
        (user, bot) ->
            twice.put(
                user,
                (question, answer) ->
                    bot.answer(question, answer)
                        .toCompletableFuture()
                        .thenCompose(done -> again(bot, question, answer))));
    return twice;
  }

  private static CompletionStage<?> again(Bot bot, Question question, Answer answer) {
    try {
      return bot.answer(question, answer);
    } catch (Exception fault) {
      return CompletableFuture.failedFuture(fault);
    }
  }

  static Map<UserId, Bot> leaveUnfinished(Map<UserId, Bot> bots) {
    Map<UserId, Bot> unfinished = new HashMap<>(bots);
    unfinished.put(UserId.of(FaultBots.GROWING), FaultBots::grow);
    return unfinished;
  }
}
