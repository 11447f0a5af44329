package chat.engine.examples.console.command;

import chat.engine.examples.console.link.FileNames;
import chat.engine.examples.console.link.Link;
import chat.engine.examples.console.link.Reading;
import chat.engine.examples.console.link.Refusal;
import chat.engine.examples.console.link.Sender;
import chat.engine.examples.console.model.Conversation;
import chat.engine.examples.console.model.Conversations;
import chat.engine.examples.console.model.Emoji;
import chat.engine.examples.console.model.People;
import chat.engine.examples.console.screen.Screen;
import chat.engine.examples.console.screen.Times;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What commands have in common: the parts of the program, and the conversation that they are about.
 *
 * @param me the user's name
 */
public record Talk(
    String me,
    Link link,
    Conversations conversations,
    People people,
    Emoji emoji,
    Sender sender,
    Reading reading,
    FileNames fileNames,
    Screen screen,
    Times times,
    Pages pages) {
  private static final int PAGE = 15;
  private static final int LONGEST_PAGE = 100;

  /** The conversation that is written to. */
  public Conversation open() {
    Conversation open = conversations.open();
    if (open == null) {
      throw new Refusal("To whom? Choose with /to NAME or /to #GROUP.");
    }
    return open;
  }

  public Conversation openGroup() {
    Conversation open = open();
    if (!open.isGroup()) {
      throw new Refusal("That is for groups: choose one with /to #GROUP.");
    }
    return open;
  }

  /** Writes to a conversation from now on. */
  public void open(Conversation chosen) {
    conversations.open(chosen);
    reading.learnMembers(chosen);
    screen.note("You write to " + chosen.label() + " now.");
  }

  /** The conversation of a label, or one with a contact that has not begun yet. */
  public Conversation labelledOrNew(String label) {
    Conversation known = conversations.labelled(label);
    if (known != null) {
      return known;
    }
    if (label.startsWith("#")) {
      throw new Refusal("You are in no group " + label + "; /talks lists yours.");
    }
    learnContacts();
    return people.names().stream()
        .filter(name -> name.equalsIgnoreCase(label))
        .findFirst()
        .map(Conversation::begun)
        .orElseThrow(
            () ->
                new Refusal(
                    label
                        + " is not among your contacts. /add "
                        + label
                        + " makes a contact; groups begin with #."));
  }

  /** A name in the middle of a sentence. */
  public String named(String username) {
    return username.equals(me) ? "you" : username.isEmpty() ? "the server" : username;
  }

  public LookUp lookUp() {
    return new LookUp(link);
  }

  /** A request about a conversation. */
  public ObjectNode request(String type, Conversation conversation) {
    String id = conversation.id();
    if (id == null) {
      throw new Refusal("Nothing was written to " + conversation.label() + " yet.");
    }
    return Link.request(type).put("conversation_id", id);
  }

  /** A request about a message of the open conversation. */
  public ObjectNode request(String type, long seq) {
    return request(type, open()).put("seq", seq);
  }

  /** As {@link Link#ask}. */
  public ObjectNode ask(ObjectNode request) {
    return link.ask(request);
  }

  public static void putAll(ObjectNode request, String field, Iterable<String> values) {
    ArrayNode array = request.putArray(field);
    values.forEach(array::add);
  }

  /** Asks who the contacts are. */
  public JsonNode learnContacts() {
    JsonNode users = ask(Link.request("contacts")).get("users");
    people.setAll(users);
    return users;
  }

  /** Sends a text to the open conversation. */
  public void say(String text) {
    Conversation to = open();
    ObjectNode send = Sender.to(to);
    Sender.putText(send, emoji.inText(text), to);
    sender.send(send);
  }

  /** Shows what was written before what is on the screen. */
  public void showOlder(Conversation conversation) {
    showOlder(conversation, PAGE);
  }

  public void showOlder(Conversation conversation, long atLeast) {
    if (conversation.id() == null) {
      screen.note("Nothing was written to " + conversation.label() + " yet.");
      return;
    }
    long before = conversation.oldestShown();
    boolean newest = before == Long.MAX_VALUE;
    ObjectNode request =
        request("history", conversation)
            .put("limit", Math.max(PAGE, Math.min(LONGEST_PAGE, atLeast)));
    if (!newest) {
      request.put("before", before);
    }
    ObjectNode reply = ask(request);
    long last = show(conversation, reply.get("messages"));
    if (reply.get("has_more").asBoolean()) {
      screen.note("(/history shows earlier ones)");
    } else {
      screen.note(newest && last == 0 ? "(Nothing was written here yet.)" : "(That is all.)");
    }
    if (newest) {
      reading.read(conversation, last);
    }
  }

  public void showAround(Conversation conversation, long seq) {
    ObjectNode reply = ask(request("history", conversation).put("around", seq).put("limit", PAGE));
    conversation.showNothing();
    show(conversation, reply.get("messages"));
  }

  /**
   * @return the last seq, or 0
   */
  private long show(Conversation conversation, JsonNode messages) {
    long last = 0;
    for (JsonNode message : messages) {
      last = message.get("seq").asLong();
      conversation.shownDownTo(last);
      conversation.see(message);
      screen.message(message, "");
      fileNames.tell(message);
    }
    return last;
  }
}
