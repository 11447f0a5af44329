package chat.engine.internal;

import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.consumer.Consumers;
import chat.engine.internal.conversation.CommittedMessage;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.hook.CommitHooks;
import chat.engine.internal.presence.TypingTracker;
import chat.engine.internal.search.SearchIndexer;
import chat.engine.internal.send.Committer;
import chat.engine.internal.send.OutboxRelay;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where committed messages go: the feeds of this node, the other nodes, the hooks, the index of the
 * search. Thread-safe, never blocks.
 *
 * @param indexer null without search
 */
record CommittedMessages(
    ShardedFeeds feeds,
    Publisher publisher,
    CommitHooks hooks,
    TypingTracker typists,
    @Nullable SearchIndexer indexer,
    Consumers consumers)
    implements Committer.CommittedSink, OutboxRelay.Sink {
  @Override
  public void committed(List<CommittedMessage> fresh, List<CommittedMessage> duplicates) {
    List<CommittedMessage> all = fresh;
    if (!duplicates.isEmpty()) {
      all = new ArrayList<>(fresh);
      all.addAll(duplicates);
    }
    for (CommittedMessage message : all) { // who has seen it may type the next one already
      typists.wrote(message.conversation(), message.message().from());
    }
    feeds.arrived(all);
    if (!publisher.isAlone()) {
      for (CommittedMessage message : all) {
        publisher.publish(Topics.of(message.conversation()), envelope(message));
      }
    }
    hooks.committed(fresh);
    fresh.forEach(this::index);
    consumers.written();
  }

  private void index(CommittedMessage message) {
    if (indexer != null) {
      indexer.written(message.conversation().id());
    }
  }

  @Override
  public void publish(CommittedMessage message, Runnable afterwards) {
    feeds.arrived(List.of(message));
    index(message);
    consumers.written();
    publisher
        .publishTracked(Topics.of(message.conversation()), envelope(message))
        .thenRun(afterwards);
  }

  @Override
  public void observed(CommittedMessage message) {
    hooks.committed(List.of(message));
  }

  private static Envelope envelope(CommittedMessage message) {
    return new Envelope.Committed(message.conversation(), message.message(), message.membersRev());
  }
}
