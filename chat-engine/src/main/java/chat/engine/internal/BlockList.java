package chat.engine.internal;

import chat.engine.ChatException;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.UserId;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.presence.HiddenPresence;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.BlockStore;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * Who has blocked whom. What a block forbids, the store refuses; what is left is to hide the two
 * from each other, here and on their other nodes. Thread-safe; blocks on the store threads only.
 */
final class BlockList {
  private final BlockStore store;
  private final int mostBlocks;
  private final InstantSource clock;
  private final StoreThreads reads;
  private final HiddenPresence presence;
  private final Publisher publisher;

  /**
   * @param mostBlocks of one user
   */
  BlockList(
      BlockStore store,
      int mostBlocks,
      InstantSource clock,
      StoreThreads reads,
      HiddenPresence presence,
      Publisher publisher) {
    this.store = store;
    this.mostBlocks = mostBlocks;
    this.clock = clock;
    this.reads = reads;
    this.presence = presence;
    this.publisher = publisher;
  }

  CompletableFuture<Void> block(UserId user, UserId other) {
    return change(
        user,
        other,
        () -> {
          requireRoom(user, other);
          return store.block(user, other, clock.instant().truncatedTo(ChronoUnit.MILLIS));
        });
  }

  private void requireRoom(UserId user, UserId other) {
    if (store.blockedBy(user, null, mostBlocks).size() >= mostBlocks
        && !store.hasBlocked(user, other)) {
      throw ChatException.tooLarge("a user can block at most " + mostBlocks + " others");
    }
  }

  CompletableFuture<Void> unblock(UserId user, UserId other) {
    return change(user, other, () -> store.unblock(user, other));
  }

  /** Completes when the block is committed, and this node hides the two from each other. */
  private CompletableFuture<Void> change(UserId user, UserId other, Callable<Boolean> change) {
    if (user.equals(other) || user.isSystem() || other.isSystem()) {
      return CompletableFuture.failedFuture(
          ChatException.badRequest("a user can block other users only, not " + other));
    }
    return reads
        .submit(change)
        .thenCompose(
            changed -> {
              if (!changed) {
                return CompletableFuture.<Void>completedFuture(null);
              }
              publisher.publish(
                  List.of(Topics.user(user), Topics.user(other)),
                  new Envelope.BlockChanged(user, other));
              // what fails here the next comparison does; the block itself is committed
              return presence.blockChanged(user, other).exceptionally(fault -> null);
            });
  }

  CompletableFuture<Page<UserId>> blockedBy(UserId user, PageQuery<UserId> page) {
    return reads.submit(
        () -> Page.of(store.blockedBy(user, page.after(), page.limit() + 1), page.limit()));
  }

  CompletableFuture<Set<UserId>> between(UserId user, Set<UserId> others) {
    return reads.submit(() -> store.between(user, others));
  }
}
