package chat.engine.examples.console.link;

import chat.engine.examples.console.model.Conversation;
import chat.engine.examples.console.model.Conversations;
import chat.engine.examples.console.model.People;
import chat.engine.examples.console.model.SeenMessage;
import chat.engine.examples.console.model.Typists;
import chat.engine.examples.console.screen.SafeText;
import chat.engine.examples.console.screen.Screen;
import chat.engine.examples.console.screen.Times;
import chat.engine.examples.server.ServerSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the server tells by itself: keeps the conversations, the people and the screen up to date.
 * Called on the connection's thread, where it blocks for as long as the terminal takes its lines.
 */
public final class Incoming implements ServerSession.Listener {
  private static final int PREVIEW = 30;

  private final String me;
  private final Times times;
  private final Changes changes;
  private final Announcements announcements = new Announcements();
  private final Conversations conversations;
  private final People people;
  private final Typists typists;
  private final Screen screen;
  private final Reading reading;
  private final Sender sender;
  private final FileNames fileNames;
  private final Runnable statusChanged;
  private volatile boolean away;

  /**
   * @param statusChanged called when unread counts or those who type have changed
   */
  public Incoming(
      String me,
      Times times,
      Conversations conversations,
      People people,
      Typists typists,
      Screen screen,
      Reading reading,
      Sender sender,
      FileNames fileNames,
      Runnable statusChanged) {
    this.me = me;
    this.times = times;
    this.changes = new Changes(me, times);
    this.conversations = conversations;
    this.people = people;
    this.typists = typists;
    this.screen = screen;
    this.reading = reading;
    this.sender = sender;
    this.fileNames = fileNames;
    this.statusChanged = statusChanged;
  }

  @Override
  public void message(ObjectNode message, boolean live) {
    String from = message.get("from").asString();
    Conversation conversation =
        conversations.known(message.get("conversation_id").asString(), from, false);
    conversations.touch(conversation);
    conversation.see(message);
    String id = conversation.id();
    if (id != null) {
      typists.set(id, from, false);
    }
    if (conversations.isOpen(conversation)) {
      screen.message(message, "");
      fileNames.tell(message);
      if (!from.equals(me)) {
        reading.read(conversation, message.get("seq").asLong());
      }
    } else {
      if (!conversation.isMuted(times.now())) {
        screen.glimpse(message, conversation.label());
      }
      if (!from.equals(me)) {
        conversation.countUnread();
      }
    }
    statusChanged.run();
  }

  @Override
  public void event(ObjectNode event) {
    switch (event.path("type").asString("")) {
      case "presence" -> presence(event);
      case "typing" -> typing(event);
      case "conversation" -> conversation(event);
      case "message_edited" -> edited(event);
      case "message_deleted" -> deleted(event);
      case "reaction" -> reaction(event);
      case "receipt" -> receipt(event);
      case "preferences" -> preferences(event);
      case "announcement" -> announced(event);
      case "announcement_withdrawn" -> withdrawn(event);
      default -> {}
    }
  }

  /** Another device changed how the user sees a conversation. */
  private void preferences(ObjectNode event) {
    Conversation conversation = conversations.byId(event.get("conversation_id").asString());
    if (conversation != null) {
      conversation.setView(event);
      statusChanged.run();
    }
  }

  private void announced(ObjectNode event) {
    String sentence = announcements.announced(event);
    if (sentence != null && Announcements.isWarning(event)) {
      screen.wrong(sentence);
    } else if (sentence != null) {
      screen.answer(sentence);
    }
  }

  private void withdrawn(ObjectNode event) {
    String sentence = announcements.withdrawn(event);
    if (sentence != null) {
      screen.note(sentence);
    }
  }

  private void presence(ObjectNode event) {
    String username = event.get("username").asString();
    boolean online = event.get("online").asBoolean();
    if (people.set(username, online)) {
      screen.note(username + (online ? " is online." : " has gone."));
    }
  }

  private void typing(ObjectNode event) {
    typists.set(
        event.get("conversation_id").asString(),
        event.get("username").asString(),
        event.get("on").asBoolean());
    statusChanged.run();
  }

  private void conversation(ObjectNode event) {
    boolean group = event.get("kind").asString().equals("group");
    String id = event.get("conversation_id").asString();
    JsonNode change = event.path("change");
    String name = group ? event.path("name").asString("?") : peer(event.path("peers"));
    boolean isNew = conversations.byId(id) == null;
    Conversation conversation = conversations.known(id, name, group);
    String label = conversation.label();
    conversation.describe(event.path("description").asString(""));
    if (change.isObject()) {
      String sentence = changes.sentence(change, label);
      if (sentence != null) {
        screen.note(sentence);
      }
      apply(change, conversation);
    } else if (group && isNew) {
      created(conversation);
    }
  }

  private void apply(JsonNode change, Conversation conversation) {
    switch (change.path("kind").asString("")) {
      case "renamed" -> conversations.rename(conversation, change.path("name").asString("?"));
      case "updated" -> {
        if (change.has("name")) {
          conversations.rename(conversation, change.get("name").asString());
        }
      }
      case "deleted" -> conversations.forget(conversation);
      case "removed" -> {
        if (changes.concernsMe(change)) {
          conversations.forget(conversation);
        } else {
          reading.learnMembers(conversation);
        }
      }
      case "added" -> reading.learnMembers(conversation);
      default -> {}
    }
    statusChanged.run();
  }

  private String peer(JsonNode peers) {
    for (JsonNode peer : peers) {
      if (!peer.asString().equals(me)) {
        return peer.asString();
      }
    }
    return "?";
  }

  /** The event of a new group does not tell who made it; its owner did. */
  private void created(Conversation group) {
    reading
        .learnMembers(group)
        .thenAccept(
            owner -> {
              if (!owner.equals(me)) {
                screen.note(
                    changes.subject(owner)
                        + " added you to "
                        + group.label()
                        + Changes.hint(group.label())
                        + ".");
              }
            });
  }

  private void edited(ObjectNode event) {
    Conversation open = openOf(event);
    if (open != null) {
      open.see(event);
      screen.message(event, "");
    }
  }

  private void deleted(ObjectNode event) {
    Conversation open = openOf(event);
    if (open != null) {
      open.see(event);
      String by = changes.subject(event.path("change").path("by").asString(""));
      screen.note(by + " deleted message " + event.get("seq").asLong() + ".");
    }
  }

  private void reaction(ObjectNode event) {
    Conversation conversation = conversations.byId(event.get("conversation_id").asString());
    if (conversation == null) {
      return;
    }
    long seq = event.get("seq").asLong();
    SeenMessage message = conversation.seen(seq);
    boolean open = conversations.isOpen(conversation);
    if (open || (message != null && message.from().equals(me))) {
      screen.note(
          changes.subject(event.get("username").asString())
              + (event.get("on").asBoolean() ? " reacted with " : " took back ")
              + event.get("emoji").asString()
              + " to message "
              + seq
              + (open ? "" : " of " + conversation.label())
              + (message == null ? "." : ": " + SafeText.beginning(message.text(), PREVIEW)));
    }
  }

  private void receipt(ObjectNode event) {
    Conversation conversation = conversations.byId(event.get("conversation_id").asString());
    String username = event.get("username").asString();
    if (conversation != null
        && event.get("kind").asString().equals("read")
        && !username.equals(me)) {
      conversation.readUpTo(username, event.get("seq").asLong());
      statusChanged.run();
    }
  }

  /** The conversation of an event if it is open, otherwise null. */
  private @Nullable Conversation openOf(ObjectNode event) {
    Conversation conversation = conversations.byId(event.get("conversation_id").asString());
    return conversation != null && conversations.isOpen(conversation) ? conversation : null;
  }

  @Override
  public void online(JsonNode states) {
    List<JsonNode> latestLast = new ArrayList<>();
    states.forEach(latestLast::add);
    Collections.reverse(latestLast);
    for (JsonNode state : latestLast) {
      boolean group = state.get("kind").asString().equals("group");
      String name = state.path(group ? "name" : "peer").asString("?");
      Conversation conversation =
          conversations.known(state.get("conversation_id").asString(), name, group);
      conversations.rename(conversation, name);
      conversations.touch(conversation);
      conversation.reached(state.get("last_seq").asLong());
      conversation.beginView(state.path("preferences"));
      conversation.describe(state.path("description").asString(""));
      conversation.setUnread(conversations.isOpen(conversation) ? 0 : state.get("unread").asLong());
    }
    if (away) {
      screen.note("Connected again.");
    }
    away = false;
    sender.again();
    statusChanged.run();
  }

  @Override
  public void offline(String reason, boolean again) {
    away = true;
    typists.clear();
    screen.wrong(
        again
            ? "The connection was lost. Trying again ..."
            : "The connection has ended (" + reason + "). Start the program again to come back.");
    statusChanged.run();
  }
}
