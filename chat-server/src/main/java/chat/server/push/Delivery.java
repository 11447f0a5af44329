package chat.server.push;

import chat.server.push.PushSender.Outcome;
import chat.server.push.device.Push;
import chat.server.push.device.PushDevice;
import chat.server.push.device.PushDevices;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends notifications and notes what became of them. A device that cannot be reached rests, longer
 * each time, so that it holds up nobody. Thread-safe; never waits for an answer.
 */
final class Delivery {
  private static final Logger log = LoggerFactory.getLogger(Delivery.class);
  private static final int MOST_AT_ONCE = 1_000;
  private static final Duration SHORT_REST = Duration.ofSeconds(5);
  private static final Duration FIRST_REST = Duration.ofMinutes(1);
  private static final Duration LONGEST_REST = Duration.ofHours(1);
  private static final int MOST_DOUBLINGS = 6;

  private final Map<String, PushSender> senders;
  private final PushDevices devices;
  private final Executor threads;
  private final BiConsumer<String, String> counter;
  private final Semaphore room = new Semaphore(MOST_AT_ONCE);

  /**
   * What is left to do.
   *
   * @param failed to be tried again, or given up
   * @param later of devices that rest now
   */
  record Rest(List<Push> failed, List<Push> later) {}

  /**
   * @param threads may block
   * @param counter is told the kind of device and what became of each notification
   */
  Delivery(
      Map<String, PushSender> senders,
      PushDevices devices,
      Executor threads,
      BiConsumer<String, String> counter) {
    this.senders = senders;
    this.devices = devices;
    this.threads = threads;
    this.counter = counter;
  }

  CompletableFuture<Rest> send(List<Push> pushes) {
    Rest rest =
        new Rest(
            Collections.synchronizedList(new ArrayList<>()),
            Collections.synchronizedList(new ArrayList<>()));
    return CompletableFuture.allOf(
            pushes.stream()
                .map(
                    push ->
                        sent(push)
                            .handleAsync(
                                (outcome, fault) -> {
                                  settle(push, outcome, fault, rest);
                                  return null;
                                },
                                threads))
                .toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> rest);
  }

  private CompletableFuture<Outcome> sent(Push push) {
    PushSender sender = senders.get(push.device().kind());
    if (sender == null) { // the operator has taken its kind away
      return CompletableFuture.completedFuture(new Outcome.Later(LONGEST_REST));
    }
    if (!room.tryAcquire()) {
      return CompletableFuture.completedFuture(new Outcome.Later(SHORT_REST));
    }
    CompletableFuture<Outcome> sent;
    try {
      sent = sender.send(push);
    } catch (RuntimeException fault) {
      sent = CompletableFuture.failedFuture(fault);
    }
    return sent.whenComplete((outcome, fault) -> room.release());
  }

  private void settle(Push push, @Nullable Outcome outcome, @Nullable Throwable fault, Rest rest) {
    PushDevice device = push.device();
    if (outcome instanceof Outcome.Delivered) {
      devices.tell(push);
      devices.works(device);
      counter.accept(device.kind(), "delivered");
    } else if (outcome instanceof Outcome.Gone) {
      devices.gone(device);
      counter.accept(device.kind(), "gone");
    } else if (outcome instanceof Outcome.Later wait) {
      devices.rest(device, shorter(wait.after(), LONGEST_REST));
      counter.accept(device.kind(), "later");
      rest.later().add(push);
    } else {
      log.debug("{} was not told", device, fault);
      counter.accept(device.kind(), "failed");
      rest.failed().add(push);
    }
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  /** Gives notifications up. Blocks. */
  void drop(List<Push> pushes) {
    for (Push push : pushes) {
      PushDevice device = push.device();
      devices.tell(push);
      devices.failed(
          device,
          shorter(
              FIRST_REST.multipliedBy(1L << Math.min(device.failures(), MOST_DOUBLINGS)),
              LONGEST_REST));
      counter.accept(device.kind(), "dropped");
      log.info("{} cannot be reached and rests", device);
    }
  }
}
