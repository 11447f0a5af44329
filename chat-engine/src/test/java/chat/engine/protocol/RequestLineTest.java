package chat.engine.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import chat.engine.protocol.rate.RequestPace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class RequestLineTest {
  private static final CompletionStage<?> DONE = CompletableFuture.completedFuture(null);
  private static final int FAST = 1_000_000;

  private final Socket socket = new Socket();
  private final List<String> handled = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private Function<String, CompletionStage<?>> outcome = text -> DONE;
  private boolean answersAtOnce = true;
  private int ends;
  private RequestLine line = line(FAST);

  private RequestLine line(int perSecond) {
    RequestLine[] made = new RequestLine[1];
    made[0] =
        new RequestLine(
            socket,
            new RequestLine.Handler() {
              @Override
              public CompletionStage<?> handle(String text) {
                synchronized (handled) {
                  handled.add(text);
                }
                if (answersAtOnce) {
                  made[0].answered();
                }
                return outcome.apply(text);
              }

              @Override
              public void refuse(String text) {
                refused.add(text);
              }

              @Override
              public void ended() {
                ends++;
              }
            },
            new RequestPace(perSecond, System.nanoTime()),
            () -> made[0].writable());
    return made[0];
  }

  private List<String> handled() {
    synchronized (handled) {
      return List.copyOf(handled);
    }
  }

  @Test
  void requestsWaitUntilTheLineIsOpenAndThenComeInOrder() {
    line.waitForOpen();
    assertThat(socket.isReading()).isFalse();
    line.receive("a");
    line.receive("b");
    assertThat(handled()).isEmpty();
    line.open();
    assertThat(handled()).containsExactly("a", "b");
    assertThat(socket.isReading()).isTrue();
    line.receive("c");
    assertThat(handled()).containsExactly("a", "b", "c");
  }

  @Test
  void oneThatHasToBeDoneFirstHoldsUpTheOthers() {
    CompletableFuture<Void> placed = new CompletableFuture<>();
    outcome = text -> text.equals("slow") ? placed : DONE;
    line.open();
    line.receive("slow");
    line.receive("next");
    assertThat(handled()).containsExactly("slow");
    placed.complete(null);
    assertThat(handled()).containsExactly("slow", "next");
  }

  @Test
  void aFailureOfOneDoesNotHoldUpTheOthers() {
    CompletableFuture<Void> placed = new CompletableFuture<>();
    outcome = text -> text.equals("slow") ? placed : DONE;
    line.open();
    line.receive("slow");
    line.receive("next");
    placed.completeExceptionally(new IllegalStateException("on purpose"));
    assertThat(handled()).containsExactly("slow", "next");
  }

  @Test
  void readingIsPausedWhileMuchWaitsAndWhatComesInSpiteOfThatIsRefused() {
    CompletableFuture<Void> placed = new CompletableFuture<>();
    outcome = text -> text.equals("slow") ? placed : DONE;
    line.open();
    line.receive("slow");
    String kilo = "x".repeat(1024);
    CompletableFuture<Void> readable = line.receive(kilo);
    assertThat(readable).isCompleted();
    while (refused.isEmpty()) {
      readable = line.receive(kilo);
      assertThat(handled()).hasSize(1);
    }
    assertThat(readable).isNotDone();
    assertThat(socket.isReading()).isFalse();
    placed.complete(null);
    assertThat(readable).succeedsWithin(Duration.ofSeconds(30));
    assertThat(socket.isReading()).isTrue();
    assertThat(handled()).hasSize(1 + RequestLine.MAX_CHARACTERS / 1024);
    line.receive("small");
    assertThat(handled()).contains("small");
  }

  @Test
  void aClientThatDoesNotTakeItsAnswersIsNotServed() {
    line.open();
    line.receive("a");
    socket.congest();
    CompletableFuture<Void> readable = line.receive("b");
    line.receive("c");
    assertThat(handled()).containsExactly("a");
    assertThat(readable).isNotDone();
    assertThat(socket.isReading()).isFalse();
    socket.drain();
    assertThat(handled()).containsExactly("a", "b", "c");
    assertThat(readable).succeedsWithin(Duration.ofSeconds(30));
  }

  @Test
  void soManyRequestsAreUnderWayAndNoMore() {
    answersAtOnce = false;
    line.open();
    IntStream.range(0, RequestLine.MAX_UNANSWERED + 2).forEach(i -> line.receive("r" + i));
    assertThat(handled()).hasSize(RequestLine.MAX_UNANSWERED);
    assertThat(socket.isReading()).isFalse();
    line.answered();
    assertThat(handled()).hasSize(RequestLine.MAX_UNANSWERED + 1);
    line.answered();
    assertThat(handled()).hasSize(RequestLine.MAX_UNANSWERED + 2);
    assertThat(socket.isReading()).isTrue();
  }

  @Test
  void aClientThatSendsTooFastIsServedMoreSlowlyAndNothingIsLost() {
    line = line(10);
    line.open();
    IntStream.range(0, 24).forEach(i -> line.receive("r" + i));
    assertThat(handled()).hasSizeBetween(20, 22); // the burst of two seconds
    assertThat(socket.isReading()).isFalse();
    await().atMost(Duration.ofSeconds(30)).until(() -> handled().size() == 24);
    assertThat(handled())
        .containsExactlyElementsOf(IntStream.range(0, 24).mapToObj(i -> "r" + i).toList());
    await().atMost(Duration.ofSeconds(30)).until(socket::isReading);
    assertThat(refused).isEmpty();
  }

  @Test
  void whatCameBeforeTheEndTakesEffectWhateverHeldItUp() {
    line = line(1);
    line.open();
    IntStream.range(0, 5).forEach(i -> line.receive("r" + i)); // two of them at once
    socket.congest();
    line.close();
    assertThat(handled()).hasSize(5);
    assertThat(ends).isEqualTo(1);
    line.receive("late");
    line.close();
    assertThat(handled()).hasSize(5);
    assertThat(ends).isEqualTo(1);
  }

  @Test
  void theEndFollowsTheRequestUnderWay() {
    CompletableFuture<Void> placed = new CompletableFuture<>();
    outcome = text -> text.equals("slow") ? placed : DONE;
    line.open();
    line.receive("slow");
    line.receive("last");
    line.close();
    assertThat(ends).isZero();
    placed.complete(null);
    assertThat(handled()).containsExactly("slow", "last");
    assertThat(ends).isEqualTo(1);
  }

  @Test
  void anExpelledClientHasNoEffectAnyMore() {
    CompletableFuture<Void> placed = new CompletableFuture<>();
    outcome = text -> text.equals("slow") ? placed : DONE;
    line.open();
    line.receive("slow");
    line.receive("waits");
    line.expel();
    line.receive("late");
    placed.complete(null);
    line.close();
    assertThat(handled()).containsExactly("slow");
    assertThat(ends).isEqualTo(1);
  }
}
