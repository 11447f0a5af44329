package chat.server.conversations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedOptions;
import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class FeedOnDemandTest {
  /** What the engine was asked for, in order; each to be answered. */
  private final List<CompletableFuture<Feed>> asked = new CopyOnWriteArrayList<>();

  private final List<Feed> opened = new CopyOnWriteArrayList<>();
  private final List<String> closed = new CopyOnWriteArrayList<>();
  private volatile Feed.State state = new Feed.State(true, 0, 0, 0, Duration.ZERO);

  private final FeedOnDemand feed =
      new FeedOnDemand(
          engine(),
          "files",
          FeedOptions.DEFAULT,
          batch -> CompletableFuture.completedFuture(null),
          opened::add);

  private ChatEngine engine() {
    return proxy(
        ChatEngine.class,
        method -> {
          assertThat(method).isEqualTo("feed");
          CompletableFuture<Feed> answer = new CompletableFuture<>();
          asked.add(answer);
          return answer;
        });
  }

  private Feed openFeed() {
    return proxy(
        Feed.class,
        method ->
            switch (method) {
              case "state" -> state;
              case "close" -> {
                closed.add(method);
                yield null;
              }
              default -> throw new UnsupportedOperationException(method);
            });
  }

  private interface Call {
    Object of(String method);
  }

  private static <T> T proxy(Class<T> type, Call call) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> call.of(method.getName())));
  }

  private CompletableFuture<Void> opens() {
    CompletableFuture<Void> over = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                feed.open();
                over.complete(null);
              } catch (RuntimeException refused) {
                over.completeExceptionally(refused);
              }
            })
        .start();
    return over;
  }

  @Test
  void nothingIsOpenedBeforeItIsNeeded() {
    assertThat(feed.isOpen()).isFalse();
    assertThat(feed.isActive()).isFalse();
    assertThat(feed.hasDeliveredAll()).isFalse();
    feed.close();
    assertThat(asked).isEmpty();
  }

  @Test
  void allWhoNeedItAtOnceWaitForOneAttempt() {
    List<CompletableFuture<Void>> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      callers.add(opens());
    }
    await().until(() -> asked.size() == 1);
    assertThat(feed.isOpen()).isFalse();
    asked.get(0).complete(openFeed());
    callers.forEach(CompletableFuture::join);
    feed.open();
    assertThat(asked).hasSize(1);
    assertThat(opened).hasSize(1);
    assertThat(feed.isOpen()).isTrue();
    feed.close();
    assertThat(closed).hasSize(1);
  }

  @Test
  void afterAnAttemptThatFailedThereIsAnother() {
    CompletableFuture<Void> first = opens();
    await().until(() -> asked.size() == 1);
    asked.get(0).completeExceptionally(ChatException.unavailable("on purpose", null));
    assertThatThrownBy(first::join)
        .cause()
        .isInstanceOfSatisfying(
            ApiException.class,
            refused -> assertThat(refused.error()).isEqualTo(ApiError.UNAVAILABLE));
    assertThat(feed.isOpen()).isFalse();
    assertThat(opened).isEmpty();
    CompletableFuture<Void> second = opens();
    await().until(() -> asked.size() == 2);
    asked.get(1).complete(openFeed());
    second.join();
    assertThat(opened).hasSize(1);
  }

  @Test
  void itTellsWhetherThisNodeFollowsAndWhetherAnythingWaits() {
    CompletableFuture<Void> opens = opens();
    await().until(() -> asked.size() == 1);
    asked.get(0).complete(openFeed());
    opens.join();
    assertThat(feed.isActive()).isTrue();
    assertThat(feed.hasDeliveredAll()).isTrue();
    state = new Feed.State(true, 0, 3, 0, Duration.ZERO);
    assertThat(feed.isActive()).isTrue();
    assertThat(feed.hasDeliveredAll()).isFalse();
    state = new Feed.State(false, 0, 0, 0, Duration.ZERO);
    assertThat(feed.isActive()).isFalse();
    assertThat(feed.hasDeliveredAll()).isFalse();
  }
}
