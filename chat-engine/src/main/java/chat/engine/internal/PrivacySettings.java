package chat.engine.internal;

import chat.engine.ChatException;
import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.UserId;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.presence.HiddenPresence;
import chat.engine.internal.privacy.OwnPrivacy;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.spi.PrivacyStore;
import chat.engine.spi.PrivacyStore.SetOutcome;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Changes what users let others see, and tells it to all nodes: any of them may have sessions that
 * watch the user, or that did not see the user so far. Thread-safe; blocks on the store threads
 * only.
 */
final class PrivacySettings {
  private final PrivacyStore store;
  private final InstantSource clock;
  private final StoreThreads reads;
  private final OwnPrivacy own;
  private final HiddenPresence presence;
  private final Publisher publisher;

  PrivacySettings(
      PrivacyStore store,
      InstantSource clock,
      StoreThreads reads,
      OwnPrivacy own,
      HiddenPresence presence,
      Publisher publisher) {
    this.store = store;
    this.clock = clock;
    this.reads = reads;
    this.own = own;
    this.presence = presence;
    this.publisher = publisher;
  }

  CompletableFuture<Privacy> of(UserId user) {
    return reads.submit(() -> store.find(Set.of(user)).getOrDefault(user, Privacy.OPEN));
  }

  /**
   * @param session that need not be told; null for none
   */
  CompletableFuture<Privacy> set(UserId user, PrivacyEdit edit, @Nullable Session session) {
    return reads
        .submit(() -> store.set(user, edit, clock.instant().truncatedTo(ChronoUnit.MILLIS)))
        .thenApply(outcome -> settled(user, outcome, session));
  }

  private Privacy settled(UserId user, SetOutcome outcome, @Nullable Session session) {
    if (outcome instanceof SetOutcome.TooSoon soon) {
      throw ChatException.rateLimited(
          "read receipts were switched on less than "
              + PrivacyStore.SHOWN_AGAIN_PERIOD.toSeconds()
              + " s ago",
          soon.retryAfter());
    }
    SetOutcome.Done done = (SetOutcome.Done) outcome;
    if (done.changed()) {
      own.changed(user, done.now(), session);
      publisher.publish(List.of(Topics.NODES), new Envelope.PrivacySet(user, done.now()));
      presence.privacyChanged(user);
    }
    return done.now();
  }
}
