package chat.server;

import chat.server.accounts.ErasedAccounts;
import chat.server.accounts.login.Logins;
import chat.server.admin.NodeReports;
import chat.server.bots.AnswersUnderWay;
import chat.server.contacts.Contacts;
import chat.server.files.SentFilesFeed;
import chat.server.files.UserFiles;
import chat.server.wire.ChatEndpoint;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does here what follows from other nodes' doings, ended logins, changed contacts and
 * announcements, and deletes what has expired, on a thread that does nothing else, and another one
 * for files.
 */
final class Sweeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
  private static final long ENDED_SECONDS = 1;
  private static final long SECONDS = 2;
  private static final long ERASURE_SECONDS = 10;
  private static final long REPORTS_SECONDS = 20;
  private static final long FILES_SECONDS = 60;
  private static final long SLOW_SECONDS = TimeUnit.HOURS.toSeconds(1);
  private static final long REPORT_NANOS = TimeUnit.MINUTES.toNanos(1);

  private long nextReportNanos = System.nanoTime(); // under this object's lock
  private final ScheduledExecutorService thread = thread("chat-sweeper");

  /** A storage of files can be slow, and log-outs must not wait for it. */
  private final ScheduledExecutorService files = thread("chat-files-sweeper");

  Sweeper(
      ChatEndpoint endpoint,
      Logins logins,
      Contacts contacts,
      ErasedAccounts erasedAccounts,
      NodeReports reports,
      UserFiles userFiles,
      SentFilesFeed sentFiles,
      AnswersUnderWay underWay) {
    every(ENDED_SECONDS, endpoint::closeEnded);
    every(ENDED_SECONDS, underWay::endOfSuspended);
    every(ENDED_SECONDS, endpoint::tellAnnouncements);
    every(ENDED_SECONDS, reports::report);
    every(REPORTS_SECONDS, reports::sweep);
    every(SECONDS, endpoint::watchContacts);
    every(SECONDS, logins::sweepTickets);
    every(SECONDS, sentFiles::openIfUsed);
    every(ERASURE_SECONDS, erasedAccounts::sweep);
    every(files, FILES_SECONDS, () -> userFiles.sweep(sentFiles.hasDeliveredAll()));
    every(SLOW_SECONDS, logins::sweepLogins);
    every(SLOW_SECONDS, contacts::sweepRemovals);
  }

  private static ScheduledExecutorService thread(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        task -> {
          Thread sweeper = new Thread(task, name);
          sweeper.setDaemon(true);
          return sweeper;
        });
  }

  private void every(long seconds, Runnable work) {
    every(thread, seconds, work);
  }

  private void every(ScheduledExecutorService on, long seconds, Runnable work) {
    on.scheduleWithFixedDelay(
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error fault) { // which would end all later sweeps
            report(fault);
          }
        },
        seconds,
        seconds,
        TimeUnit.SECONDS);
  }

  /** Once a minute is enough to know; what the end cuts off is no fault. */
  private synchronized void report(Throwable fault) {
    long now = System.nanoTime();
    if (now - nextReportNanos >= 0 && !thread.isShutdown()) {
      nextReportNanos = now + REPORT_NANOS;
      log.warn(
          "a sweep failed; until one succeeds, log-outs, changes of contacts and announcements on other"
              + " nodes may not be seen: {}",
          fault.toString());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    files.shutdownNow();
  }
}
