package chat.engine.testkit;

import chat.engine.ConversationId;
import chat.engine.feed.FeedOptions;
import chat.engine.spi.feed.FeedStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The feeds of the in-memory store, with the faults that are switched on. */
record FaultyFeeds(FeedStore real, List<ActiveFaults> faults) implements FeedStore, FaultyCalls {
  private void run(Runnable call) {
    upkeep(
        () -> {
          call.run();
          return true;
        });
  }

  @Override
  public void open(String feed, FeedOptions.Start start) {
    run(() -> real.open(feed, start));
  }

  @Override
  public List<String> names() {
    return upkeep(real::names);
  }

  @Override
  public OptionalLong lease(String feed, String holder, Duration lease) {
    return upkeep(() -> real.lease(feed, holder, lease));
  }

  @Override
  public void release(String feed, String holder) {
    run(() -> real.release(feed, holder));
  }

  @Override
  public List<Lag> behind(String feed, Collection<ConversationId> among) {
    return upkeep(() -> real.behind(feed, among));
  }

  @Override
  public Laggards behind(String feed, @Nullable ConversationId after) {
    return upkeep(() -> real.behind(feed, after));
  }

  @Override
  public boolean advance(String feed, String holder, long term, List<Position> positions) {
    return upkeep(() -> real.advance(feed, holder, term, positions));
  }

  @Override
  public void rewind(String feed, Instant from) {
    run(() -> real.rewind(feed, from));
  }

  @Override
  public void forget(String feed) {
    run(() -> real.forget(feed));
  }
}
