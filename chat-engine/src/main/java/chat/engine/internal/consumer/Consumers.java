package chat.engine.internal.consumer;

import chat.engine.ChatException;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedConsumer;
import chat.engine.feed.FeedOptions;
import chat.engine.internal.runtime.Answers;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.MessageStore;
import chat.engine.spi.feed.FeedStore;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The feeds that this engine has open. Thread-safe. */
public final class Consumers implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]{1,64}");

  private final MessageStore store;
  private final @Nullable FeedStore cursors;
  private final StoreThreads reads;
  private final Answers answers;
  private final Executor application;
  private final String holder;

  /** By their names; empty while one is being opened. Guarded by this. */
  private final Map<String, Optional<FeedRunner>> open = new LinkedHashMap<>();

  /** Whether no more feeds may begin. Guarded by this. */
  private boolean ended;

  /** For writes, which must not wait for a lock where there are no feeds. */
  private volatile boolean anyOpen;

  /**
   * @param application runs consumers; takes every task, and never on the calling thread
   * @param node names this engine
   */
  public Consumers(
      MessageStore store, StoreThreads reads, Answers answers, Executor application, String node) {
    this.store = store;
    this.cursors = store.feeds().orElse(null);
    this.reads = reads;
    this.answers = answers;
    this.application = application;
    this.holder = node + " " + UUID.randomUUID(); // a router may give the same name to two engines
  }

  /** See {@link chat.engine.ChatEngine#feed}. */
  public CompletableFuture<Feed> open(String name, FeedOptions options, FeedConsumer consumer) {
    if (!NAME.matcher(name).matches()) {
      return CompletableFuture.failedFuture(
          ChatException.badRequest(
              "the name of a feed must be 1 to 64 of A-Z a-z 0-9 _ . : -, not " + name));
    }
    FeedStore feeds = cursors;
    if (feeds == null) {
      return CompletableFuture.failedFuture(ChatException.forbidden("this store has no feeds"));
    }
    synchronized (this) {
      if (ended) {
        return CompletableFuture.failedFuture(Errors.closing());
      }
      if (open.containsKey(name)) {
        return CompletableFuture.failedFuture(
            ChatException.conflict("feed " + name + " is open on this engine already"));
      }
      open.put(name, Optional.empty());
    }
    return answers.of(
        reads
            .run(() -> feeds.open(name, options.start()))
            .thenApply(done -> start(name, options, consumer, feeds))
            .whenComplete((feed, fault) -> forgetUnlessStarted(name, fault)));
  }

  /** The names of all feeds in the store. */
  public CompletableFuture<List<String>> names() {
    FeedStore feeds = cursors;
    return feeds == null
        ? CompletableFuture.completedFuture(List.of())
        : answers.call(() -> reads.submit(feeds::names));
  }

  /** Moves the cursor of a feed back, whether or not this engine has it open. */
  public CompletableFuture<Void> replay(String name, Instant from) {
    FeedStore feeds = cursors;
    if (feeds == null) {
      return CompletableFuture.failedFuture(ChatException.forbidden("this store has no feeds"));
    }
    return answers.call(
        () ->
            reads
                .run(
                    () -> {
                      if (!feeds.names().contains(name)) {
                        throw ChatException.notFound("there is no feed " + name);
                      }
                      feeds.rewind(name, from);
                    })
                .thenRun(
                    () ->
                        runners().stream()
                            .filter(runner -> runner.feed().equals(name))
                            .forEach(FeedRunner::doubtLease)));
  }

  private synchronized void forgetUnlessStarted(String name, @Nullable Throwable fault) {
    if (fault != null) {
      open.remove(name);
    }
  }

  private synchronized Feed start(
      String name, FeedOptions options, FeedConsumer consumer, FeedStore feeds) {
    if (ended) {
      throw Errors.closing();
    }
    FeedRunner runner =
        new FeedRunner(
            name,
            holder,
            consumer,
            options.concurrency(),
            store,
            feeds,
            application,
            System::nanoTime);
    open.put(name, Optional.of(runner));
    anyOpen = true;
    runner.start();
    return new Handle(runner, feeds);
  }

  private synchronized List<FeedRunner> runners() {
    return open.values().stream().flatMap(Optional::stream).toList();
  }

  /** Something was committed on this node. */
  public void written() {
    if (anyOpen) {
      runners().forEach(FeedRunner::written);
    }
  }

  private synchronized void end() {
    ended = true;
  }

  /** Gives the consumers nothing new from now on. Feeds that are being opened do not begin. */
  public void stopDelivering() {
    end();
    runners().forEach(FeedRunner::stopDelivering);
  }

  private void close(FeedRunner runner) {
    runner.close();
    synchronized (this) {
      open.remove(runner.feed(), Optional.of(runner));
      anyOpen = !open.isEmpty();
    }
  }

  @Override
  public void close() {
    end();
    runners().forEach(this::close);
  }

  private final class Handle implements Feed {
    private final FeedRunner runner;
    private final FeedStore feeds;

    Handle(FeedRunner runner, FeedStore feeds) {
      this.runner = runner;
      this.feeds = feeds;
    }

    @Override
    public String name() {
      return runner.feed();
    }

    @Override
    public State state() {
      return runner.state();
    }

    @Override
    public CompletableFuture<Void> replay(Instant from) {
      return Consumers.this.replay(name(), from);
    }

    @Override
    public CompletableFuture<Void> forget() {
      return answers.call(
          () ->
              reads.run(
                  () -> {
                    close();
                    feeds.forget(name());
                  }));
    }

    @Override
    public void close() {
      Consumers.this.close(runner);
    }
  }
}
