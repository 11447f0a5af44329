package chat.engine.internal.cluster;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.UserId;
import chat.engine.spi.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics of the engine. A direct conversation is routed by its two users, so that a node need
 * not subscribe to the thousands of conversations that are asleep; a group has one topic of its
 * own, so that a send costs the router the nodes concerned and not the members.
 */
public final class Topics {
  /** Every node has it. */
  public static final Topic NODES = new Topic("nodes");

  private static final Logger log = LoggerFactory.getLogger(Topics.class);
  private static final String USER = "user:";

  private Topics() {}

  public static Topic user(UserId user) {
    return new Topic(USER + user.value());
  }

  /** The users whose topics are among these; a name that no user can have is left out. */
  static List<UserId> usersOf(Collection<Topic> topics) {
    List<UserId> users = new ArrayList<>();
    for (Topic topic : topics) {
      if (topic.name().startsWith(USER)) {
        try {
          users.add(userOf(topic));
        } catch (ChatException noUser) {
          log.warn("a node was subscribed to topic {}, which is no user's", topic.name());
        }
      }
    }
    return users;
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
