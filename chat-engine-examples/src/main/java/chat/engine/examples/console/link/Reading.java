package chat.engine.examples.console.link;

import chat.engine.examples.console.model.Conversation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/** Tells the server what was read, and asks it who is in a group. Never blocks. Thread-safe. */
public final class Reading {
  private final Link link;

  public Reading(Link link) {
    this.link = link;
  }

  /** All up to a message is on the screen. */
  public void read(Conversation conversation, long seq) {
    conversation.setUnread(0);
    String id = conversation.id();
    if (id != null && seq > 0) {
      link.start(Link.request("read").put("conversation_id", id).put("seq", seq));
    }
  }

  /**
   * Learns the members of a group, who can be mentioned then.
   *
   * @return the owner, or empty for a group without one
   */
  public CompletableFuture<String> learnMembers(Conversation group) {
    String id = group.id();
    if (id == null || !group.isGroup()) {
      return CompletableFuture.completedFuture("");
    }
    return link.start(Link.request("members").put("conversation_id", id))
        .thenApply(reply -> took(group, reply.get("members")));
  }

  private static String took(Conversation group, JsonNode members) {
    List<String> names = new ArrayList<>();
    String owner = "";
    for (JsonNode member : members) {
      String name = member.get("username").asString();
      names.add(name);
      owner = member.get("role").asString().equals("owner") ? name : owner;
    }
    group.setMembers(names);
    return owner;
  }
}
