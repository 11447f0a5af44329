package chat.engine.internal.cluster;

import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.UserId;
import chat.engine.spi.Topic;
import java.util.List;

/**
 * The topics of the engine. A direct conversation is routed by its two users, so that a node need
 * not subscribe to the thousands of conversations that are asleep; a group has one topic of its
 * own, so that a send costs the router the nodes concerned and not the members.
 */
public final class Topics {
  /** Every node has it. */
  public static final Topic NODES = new Topic("nodes");

  private static final String USER = "user:";

  private Topics() {}

  public static Topic user(UserId user) {
    return new Topic(USER + user.value());
  }

  static boolean isUser(Topic topic) {
    return topic.name().startsWith(USER);
  }

  public static UserId userOf(Topic topic) {
    return UserId.of(topic.name().substring(USER.length()));
  }

  public static Topic group(ConversationId group) {
    return new Topic("group:" + group);
  }

  /** Subscribed by nodes that have a session which watches the user. */
  public static Topic presence(UserId user) {
    return new Topic("presence:" + user.value());
  }

  public static List<Topic> of(Conversation conversation) {
    return conversation.kind() == ConversationKind.GROUP
        ? List.of(group(conversation.id()))
        : conversation.peers().stream().map(Topics::user).toList();
  }
}
