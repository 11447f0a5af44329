package chat.engine.examples.faultcheck.fault;

import chat.engine.examples.faultcheck.fault.FaultPlan.Step;
import chat.engine.examples.faultcheck.history.Event;
import chat.engine.examples.faultcheck.history.Recorder;
import chat.engine.examples.faultcheck.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the faults of a plan at their times. Not thread-safe. */
public final class Injector {
  private static final Logger log = LoggerFactory.getLogger(Injector.class);

  private final World world;
  private final Recorder recorder;
  private final List<Thread> threads = new ArrayList<>();

  public Injector(World world, Recorder recorder) {
    this.world = world;
    this.recorder = recorder;
  }

  public void start(FaultPlan plan) {
    for (Step step : plan.steps()) {
      Thread thread = new Thread(() -> run(step), "fault " + step.kind().label());
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  /** Waits until all faults of the plan are over. */
  public void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void run(Step step) {
    try {
      Fault fault = Faults.of(step, world);
      sleepUntil(step.begin());
      recorder.record(at -> new Event.Faulted(at, step.kind().label(), true, step.detail()));
      try {
        fault.begin();
        sleepUntil(step.end());
      } finally {
        fault.end();
        recorder.record(at -> new Event.Faulted(at, step.kind().label(), false, step.detail()));
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException fault) {
      log.error("the fault {} did not go as planned", step, fault);
    }
  }

  private void sleepUntil(Duration sinceBegin) throws InterruptedException {
    long left = sinceBegin.toNanos() / 1_000 - recorder.now();
    if (left > 0) {
      TimeUnit.MICROSECONDS.sleep(left);
    }
  }
}
