package chat.server.push;

import chat.engine.ChatApplication;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Message;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedConsumer;
import chat.engine.spi.ConversationStore;
import chat.server.outgoing.OutgoingFault;
import chat.server.push.device.Push;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages from the feed, waits a moment for their readers, and tells who is away what is
 * unread then: of all messages that have come by that time, so a burst is one notification. The
 * cursor of the feed moves when all were told; what fails comes again a few times. Thread-safe.
 */
final class PushFeed implements FeedConsumer {
  private static final Logger log = LoggerFactory.getLogger(PushFeed.class);

  /** How often a notification is tried, over some 15 s. */
  private static final int ATTEMPTS = 5;

  private static final int PAGE = 500;
  private static final int LOOKS_AT_ONCE = 64;

  private final ChatApplication chat;
  private final ConversationStore conversations;
  private final Audience audience;
  private final Delivery delivery;
  private final LaterLooks looks;
  private final Duration delay;
  private final ScheduledExecutorService threads;
  private final InstantSource clock;
  private final Turns turns = new Turns();

  /**
   * @param delay from a message to its notification
   * @param threads may block
   */
  PushFeed(
      ChatApplication chat,
      ConversationStore conversations,
      Audience audience,
      Delivery delivery,
      LaterLooks looks,
      Duration delay,
      ScheduledExecutorService threads,
      InstantSource clock) {
    this.chat = chat;
    this.conversations = conversations;
    this.audience = audience;
    this.delivery = delivery;
    this.looks = looks;
    this.delay = delay;
    this.threads = threads;
    this.clock = clock;
  }

  @Override
  public CompletionStage<?> accept(FeedBatch batch) {
    Conversation conversation = batch.conversation();
    Optional<Instant> newest =
        batch.messages().stream().map(Message::createdAt).max(Instant::compareTo);
    if (conversation == null || newest.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> done = new CompletableFuture<>();
    var unused =
        threads.schedule(
            () ->
                turns
                    .next(conversation.id(), () -> tell(conversation, batch.attempt()))
                    .whenComplete(
                        (told, fault) -> {
                          if (fault == null || isGone(fault)) {
                            done.complete(null);
                          } else {
                            done.completeExceptionally(fault);
                          }
                        }),
            wait(newest.get()).toMillis(),
            TimeUnit.MILLISECONDS);
    return done;
  }

  /** Of an old message its readers had time enough, and clocks may differ. */
  private Duration wait(Instant sent) {
    Duration left = Duration.between(clock.instant(), sent.plus(delay));
    return left.isNegative() ? Duration.ZERO : left.compareTo(delay) > 0 ? delay : left;
  }

  private CompletableFuture<Void> tell(Conversation conversation, int attempt) {
    return async(
            () -> page(conversation, audience.messages(conversation.id()), null, new ArrayList<>()))
        .thenAccept(
            failed -> {
              if (failed.isEmpty()) {
                return;
              }
              if (attempt < ATTEMPTS) {
                throw new OutgoingFault(failed.size() + " devices could not be reached");
              }
              delivery.drop(failed);
            });
  }

  private interface Step<T> {
    CompletableFuture<T> begin();
  }

  private <T> CompletableFuture<T> async(Step<T> step) {
    return CompletableFuture.supplyAsync(step::begin, threads).thenCompose(begun -> begun);
  }

  private CompletableFuture<List<Push>> page(
      Conversation conversation,
      List<Message> messages,
      @Nullable UserId after,
      List<Push> failed) {
    if (messages.isEmpty()) {
      return CompletableFuture.completedFuture(failed);
    }
    MemberList page = chat.members(conversation.id(), new PageQuery<>(after, PAGE)).join();
    return deliver(conversation, messages, page.members())
        .thenComposeAsync(
            rest -> {
              failed.addAll(rest);
              if (!page.hasMore()) {
                return CompletableFuture.completedFuture(failed);
              }
              UserId last = page.members().get(page.members().size() - 1).user();
              return page(conversation, messages, last, failed);
            },
            threads);
  }

  private CompletableFuture<List<Push>> deliver(
      Conversation conversation, List<Message> messages, List<Member> members) {
    Audience.Found found = audience.among(conversation, messages, members);
    looks.add(conversation.id(), found.later());
    return delivery
        .send(found.pushes())
        .thenApply(
            rest -> {
              looks.add(
                  conversation.id(),
                  rest.later().stream()
                      .map(push -> push.device().user())
                      .collect(Collectors.toSet()));
              return rest.failed();
            });
  }

  /** Looks again at those for whom it is time. */
  void lookAgain() {
    for (LaterLooks.Look look : looks.due(LOOKS_AT_ONCE)) {
      ConversationId id = look.key().conversation();
      turns
          .next(id, () -> async(() -> lookAgain(look)))
          .exceptionally(
              fault -> {
                if (!isGone(fault)) {
                  log.debug("a later look failed", fault);
                  looks.again(look);
                }
                return null;
              });
    }
  }

  private CompletableFuture<Void> lookAgain(LaterLooks.Look look) {
    ConversationId id = look.key().conversation();
    Optional<Member> member = conversations.member(id, look.key().user());
    if (member.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    Audience.Found found =
        audience.among(chat.conversation(id).join(), audience.messages(id), List.of(member.get()));
    return delivery
        .send(found.pushes())
        .thenAccept(
            rest -> {
              boolean undone =
                  !found.later().isEmpty() || !rest.later().isEmpty() || !rest.failed().isEmpty();
              if (undone && !looks.again(look)) {
                delivery.drop(rest.failed());
              }
            });
  }

  private static boolean isGone(Throwable fault) {
    Throwable cause = fault;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof ChatException refusal && refusal.code() == ErrorCode.NOT_FOUND;
  }
}
