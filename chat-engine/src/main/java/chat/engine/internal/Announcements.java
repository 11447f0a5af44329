package chat.engine.internal;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.UserId;
import chat.engine.event.ReceiptMoved;
import chat.engine.internal.cluster.Envelope;
import chat.engine.internal.cluster.Publisher;
import chat.engine.internal.cluster.Topics;
import chat.engine.internal.consumer.Consumers;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.feed.ShardedFeeds;
import chat.engine.internal.search.SearchIndexer;
import chat.engine.internal.session.Session;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Shows committed changes to the feeds of this node, and publishes them to the others.
 *
 * @param indexer null without search
 */
record Announcements(
    ShardedFeeds feeds,
    ConversationDirectory directory,
    Publisher publisher,
    @Nullable SearchIndexer indexer,
    Consumers consumers)
    implements Announcer {
  @Override
  public void created(Conversation conversation, Collection<UserId> members) {
    feeds.created(conversation, members);
    if (members.isEmpty()) {
      return;
    }
    publisher.publish(
        members.stream().map(Topics::user).toList(),
        new Envelope.Created(conversation, List.copyOf(members)));
  }

  @Override
  public void changed(Conversation conversation, List<ConversationChange> changes) {
    for (ConversationChange change : changes) {
      List<Topic> topics = new ArrayList<>(Topics.of(conversation));
      if (change.kind() == ConversationChange.Kind.ADDED) {
        change.subjects().forEach(subject -> topics.add(Topics.user(subject)));
      }
      directory.follow(conversation, change);
      feeds.changed(conversation, change);
      publisher.publish(topics, new Envelope.Changed(conversation, change));
      if (indexer != null && change.kind().isOfMessage()) {
        indexer.written(conversation.id());
      }
    }
    consumers.written();
  }

  @Override
  public void receiptMoved(
      Conversation conversation, long membersRev, ReceiptMoved moved, @Nullable Session except) {
    feeds.membersAt(conversation, membersRev);
    feeds.receipt(conversation, moved, except);
    publisher.publishEphemeral(
        Topics.of(conversation),
        new Envelope.Receipt(conversation, moved.user(), moved.kind(), moved.seq(), membersRev));
  }

  @Override
  public void ownRead(
      Conversation conversation, long membersRev, ReceiptMoved read, @Nullable Session except) {
    feeds.membersAt(conversation, membersRev);
    feeds.ownRead(conversation, read, except);
    publisher.publishEphemeral(
        List.of(Topics.user(read.user())),
        new Envelope.OwnRead(conversation, read.user(), read.seq(), membersRev));
  }

  @Override
  public void preferencesChanged(
      Conversation conversation, long membersRev, Receipt member, @Nullable Session except) {
    feeds.membersAt(conversation, membersRev);
    feeds.preferences(conversation, member, except);
    publisher.publish(
        List.of(Topics.user(member.user())),
        new Envelope.PreferencesSet(conversation, member, membersRev));
  }
}
