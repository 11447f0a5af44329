package chat.engine.examples.faultcheck.client;

import chat.engine.examples.faultcheck.history.Event.Outcome;
import chat.engine.examples.faultcheck.history.Event.Verb;
import chat.engine.examples.faultcheck.history.Recorder;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A user goes for good, and the application has them erased: it asks one node after the other until
 * one says that it is done. Runs on a thread of its own.
 */
final class Erasure implements Runnable {
  /** What an erased user is called afterwards. */
  static final String PREFIX = "erased-";

  private final Client client;
  private final Thread acting;
  private final Recorder recorder;
  private final long at;
  private final long giveUp;
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * @param acting the thread of the client
   * @param at when the user goes, in microseconds since the run began
   * @param giveUp when nobody asks any more, likewise
   */
  Erasure(Client client, Thread acting, Recorder recorder, long at, long giveUp) {
    this.client = client;
    this.acting = acting;
    this.recorder = recorder;
    this.at = at;
    this.giveUp = giveUp;
  }

  @Override
  public void run() {
    try {
      TimeUnit.MICROSECONDS.sleep(Math.max(0, at - recorder.now()));
      client.end();
      acting.join();
      while (done.getCount() > 0 && recorder.now() < giveUp) {
        attempt();
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private void attempt() {
    String user = client.user();
    String replacement = PREFIX + user;
    client.elsewhere(
        (calls, wire) -> {
          Outcome outcome =
              Client.await(
                  calls.call(
                      Verb.ERASE,
                      0,
                      0,
                      List.of(user),
                      replacement,
                      "erase " + user + " " + replacement),
                  wire);
          if (outcome == Outcome.OK) {
            done.countDown();
          }
        });
    Client.pause(done.getCount() == 0 ? 0 : 300);
  }

  /** Waits for the end of the erasure, for a limited time; the history tells whether it came. */
  void await(long seconds) throws InterruptedException {
    done.await(seconds, TimeUnit.SECONDS);
  }
}
