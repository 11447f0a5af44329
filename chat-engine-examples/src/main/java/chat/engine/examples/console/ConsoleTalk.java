package chat.engine.examples.console;

import chat.engine.examples.ConsoleChat;
import chat.engine.examples.server.ServerApi;
import chat.engine.examples.server.ServerConnection;
import chat.engine.examples.server.ServerSession;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the person at the terminal of {@link ConsoleChat} types, and what appears there. Commands
 * run on the terminal's thread; events come on the connection's, and are printed above the prompt.
 * Thread-safe.
 */
public final class ConsoleTalk implements ServerSession.Listener {
  private static final int PAGE = 15;
  private static final int ANSWER_SECONDS = 15;

  private final String me;
  private final ConsoleScreen screen;
  private final Map<String, Conversation> conversations = new LinkedHashMap<>();
  private final Queue<ObjectNode> unsent = new ArrayDeque<>();
  private @Nullable ServerSession session;
  private @Nullable Conversation current;
  private boolean away;

  /** A person or a group to write to; it has no id before the first message to a person. */
  private static final class Conversation {
    private final boolean group;
    private volatile String name;
    private @Nullable String id;
    private long unread;
    private long oldestShown = Long.MAX_VALUE;
    private long lastOwn;

    Conversation(String name, boolean group) {
      this.name = name;
      this.group = group;
    }

    String label() {
      return group ? "#" + name : name;
    }
  }

  public ConsoleTalk(String me, ConsoleScreen screen) {
    this.me = me;
    this.screen = screen;
  }

  public void on(ServerSession opened) {
    session = opened;
  }

  private ServerSession session() {
    ServerSession opened = session;
    if (opened == null) {
      throw new IllegalStateException("not connected yet");
    }
    return opened;
  }

  public synchronized String prompt() {
    return current == null
        ? "> "
        : ConsoleScreen.printable(current.label()).replace("%", "%%") + "> "; // % is for JLine
  }

  public void welcome() {
    note("Hello, " + me + ". /help tells what can be done here.");
    contacts();
    talks();
  }

  /**
   * @return false if the person leaves
   */
  public boolean handle(String line) {
    String text = line.strip();
    if (text.isEmpty()) {
      return true;
    }
    if (!text.startsWith("/")) {
      say(text);
      return true;
    }
    List<String> words = Arrays.asList(text.split("\\s+"));
    String command = words.get(0);
    List<String> names = words.subList(1, words.size());
    try {
      switch (command) {
        case "/quit" -> {
          return false;
        }
        case "/help" -> help();
        case "/contacts" -> contacts();
        case "/talks" -> talks();
        case "/add" -> add(only(names, "/add NAME"));
        case "/to" -> to(text.substring(command.length()).strip());
        case "/group" -> createGroup(names);
        case "/invite" -> invite(names);
        case "/members" -> members();
        case "/history" -> older();
        default -> wrong("There is no " + command + "; /help lists what there is.");
      }
    } catch (Refusal refusal) {
      wrong(String.valueOf(refusal.getMessage()));
    }
    return true;
  }

  /** Something could not be done; the message is for the person. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refusal(String message) {
      super(message);
    }
  }

  private static String only(List<String> names, String usage) {
    if (names.size() != 1) {
      throw new Refusal("Usage: " + usage);
    }
    return names.get(0);
  }

  private void help() {
    note("/to NAME or /to #GROUP  whom to write to; then just write");
    note("/add NAME               makes somebody a contact");
    note("/contacts               who they are, and who is there");
    note("/talks                  conversations, and what is unread");
    note("/group NAME MEMBER ...  a new group of contacts");
    note("/invite MEMBER ...      into this group");
    note("/members                of this group");
    note("/history                what was said before");
    note("/quit                   or Ctrl-D");
  }

  private static ObjectNode request(String type) {
    return ServerApi.object().put("type", type);
  }

  private ObjectNode ask(ObjectNode request) {
    try {
      return session().ask(request).get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException fault) {
      throw new Refusal(reason(fault.getCause()));
    } catch (TimeoutException late) {
      throw new Refusal("No answer yet.");
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new Refusal("Interrupted.");
    }
  }

  private static String reason(@Nullable Throwable fault) {
    if (fault instanceof ServerApi.RefusedException refused) {
      return "The server refuses: " + refused.getMessage();
    }
    return "Not possible now: " + (fault == null ? "" : fault.getMessage());
  }

  private void contacts() {
    JsonNode users = ask(request("contacts")).get("users");
    if (users.isEmpty()) {
      note("No contacts yet: /add somebody.");
    }
    for (JsonNode user : users) {
      note((user.get("online").asBoolean() ? "● " : "○ ") + user.get("username").asString());
    }
  }

  private synchronized void talks() {
    for (Conversation conversation : conversations.values()) {
      if (conversation.unread > 0) {
        note(conversation.label() + ": " + conversation.unread + " unread");
      } else if (conversation.group) {
        note(conversation.label());
      }
    }
  }

  private void add(String name) {
    ask(request("add_contact").put("username", name));
    note(name + " is a contact now; /to " + name + " to write.");
  }

  /**
   * @param name of a contact, or # and that of a group, which may have spaces
   */
  private void to(String name) {
    if (name.isEmpty()) {
      throw new Refusal("Usage: /to NAME or /to #GROUP");
    }
    boolean group = name.startsWith("#");
    Conversation chosen = named(group ? name.substring(1) : name, group);
    if (chosen == null) {
      if (group) {
        throw new Refusal("You are in no group " + name.substring(1) + ".");
      }
      chosen = new Conversation(contact(name), false);
    }
    synchronized (this) {
      current = chosen;
      chosen.oldestShown = Long.MAX_VALUE;
    }
    if (chosen.id != null) {
      older();
    }
  }

  /** As the contact is written. */
  private String contact(String name) {
    for (JsonNode user : ask(request("contacts")).get("users")) {
      String username = user.get("username").asString();
      if (username.equalsIgnoreCase(name)) {
        return username;
      }
    }
    throw new Refusal(
        name + " is no contact of yours; /add NAME makes one, /to #GROUP chooses a group.");
  }

  private synchronized @Nullable Conversation named(String name, boolean group) {
    return conversations.values().stream()
        .filter(known -> known.group == group && known.name.equalsIgnoreCase(name))
        .findFirst()
        .orElse(null);
  }

  private void createGroup(List<String> names) {
    if (names.size() < 2) {
      throw new Refusal("Usage: /group NAME MEMBER ...");
    }
    ObjectNode request = request("create_group").put("name", names.get(0));
    ArrayNode members = request.putArray("members");
    names.subList(1, names.size()).forEach(members::add);
    String id = ask(request).get("conversation_id").asString();
    Conversation made = known(id, names.get(0), true);
    synchronized (this) {
      current = made;
    }
    note("You are in " + made.label() + " now.");
  }

  private Conversation group(String usage) {
    Conversation here;
    synchronized (this) {
      here = current;
    }
    if (here == null || !here.group) {
      throw new Refusal("Only in a group (/to #GROUP): " + usage);
    }
    return here;
  }

  private void invite(List<String> names) {
    ObjectNode request =
        request("add_members").put("conversation_id", group("/invite MEMBER ...").id);
    ArrayNode members = request.putArray("members");
    names.forEach(members::add);
    ask(request);
  }

  private void members() {
    JsonNode members =
        ask(request("members").put("conversation_id", group("/members").id)).get("members");
    for (JsonNode member : members) {
      note(member.get("username").asString() + " (" + member.get("role").asString() + ")");
    }
  }

  /** Shows a page of what was said before what is shown. */
  private void older() {
    Conversation here;
    long before;
    synchronized (this) {
      here = current;
      before = here == null ? 0 : here.oldestShown;
    }
    if (here == null || here.id == null) {
      note("Nothing was said yet.");
      return;
    }
    ObjectNode request = request("history").put("conversation_id", here.id).put("limit", PAGE);
    if (before != Long.MAX_VALUE) {
      request.put("before", before);
    }
    ObjectNode reply = ask(request);
    long newest = 0;
    for (JsonNode message : reply.get("messages")) {
      newest = message.get("seq").asLong();
      synchronized (this) {
        here.oldestShown = Math.min(here.oldestShown, newest);
      }
      show(here, message, false);
    }
    if (reply.get("has_more").asBoolean()) {
      note("(/history shows more)");
    }
    if (before == Long.MAX_VALUE && newest > 0) {
      read(here, newest);
    }
  }

  private void read(Conversation conversation, long seq) {
    synchronized (this) {
      conversation.unread = 0;
    }
    session().ask(request("read").put("conversation_id", conversation.id).put("seq", seq));
  }

  private void say(String text) {
    ObjectNode request =
        request("send").put("client_message_id", UUID.randomUUID().toString()).put("text", text);
    synchronized (this) {
      Conversation to = current;
      if (to == null) {
        wrong("To whom? /to NAME or /to #GROUP.");
        return;
      }
      if (to.id != null) {
        request.put("conversation_id", to.id);
      } else {
        request.put("to", to.name);
      }
    }
    send(request);
  }

  /** What cannot be sent now is sent under the same id when the connection is back. */
  private void send(ObjectNode request) {
    session()
        .ask(request.deepCopy())
        .whenComplete(
            (ack, fault) -> {
              Throwable cause = fault instanceof CompletionException ? fault.getCause() : fault;
              if (cause instanceof ServerConnection.ClosedException) {
                note("(will be sent when the connection is back)");
                synchronized (this) {
                  unsent.add(request);
                }
              } else if (cause != null) {
                wrong("Not sent. " + reason(cause));
              } else {
                sent(request, ack);
              }
            });
  }

  private void sent(ObjectNode request, ObjectNode ack) {
    String id = ack.get("conversation_id").asString();
    Conversation conversation;
    synchronized (this) {
      Conversation here = current;
      if (here != null && here.id == null && here.name.equals(request.path("to").asString(""))) {
        here.id = id;
        conversations.putIfAbsent(id, here);
      }
      conversation = conversations.get(id);
      if (conversation == null) {
        return;
      }
      conversation.lastOwn = ack.get("seq").asLong();
    }
    ack.put("from", me).put("text", request.get("text").asString());
    show(conversation, ack, false);
  }

  @Override
  public void message(ObjectNode message, boolean live) {
    String from = message.get("from").asString();
    String id = message.get("conversation_id").asString();
    boolean here;
    Conversation conversation;
    synchronized (this) {
      conversation = known(id, from, false);
      here = conversation == current;
      if (!here && !from.equals(me)) {
        conversation.unread++;
      }
    }
    show(conversation, message, !here);
    if (here && !from.equals(me)) {
      read(conversation, message.get("seq").asLong());
    }
  }

  private synchronized Conversation known(String id, String name, boolean group) {
    Conversation conversation =
        conversations.computeIfAbsent(id, unknown -> new Conversation(name, group));
    conversation.id = id;
    if (current != null
        && current.id == null
        && !conversation.group
        && current.name.equals(conversation.name)) {
      current = conversation;
    }
    return conversation;
  }

  @Override
  public void event(ObjectNode event) {
    String type = event.path("type").asString("");
    switch (type) {
      case "presence" ->
          note(
              event.get("username").asString()
                  + (event.get("online").asBoolean() ? " is here" : " has left"));
      case "conversation" -> changed(event);
      case "receipt" -> receipt(event);
      default -> {}
    }
  }

  private void changed(ObjectNode event) {
    boolean group = event.get("kind").asString().equals("group");
    if (!group) {
      return;
    }
    Conversation conversation =
        known(event.get("conversation_id").asString(), event.path("name").asString("?"), true);
    JsonNode change = event.path("change");
    String label = conversation.label();
    String by = change.path("by").asString("");
    int count = change.path("count").asInt(1);
    if (count > 1) {
      changedMany(conversation, change, count);
      return;
    }
    String whom = change.path("username").asString("");
    switch (change.path("kind").asString("")) {
      case "" -> created(conversation);
      case "added" ->
          note(called(by) + " added " + called(whom) + " to " + label + hint(whom, label));
      case "removed" -> {
        note(
            by.equals(whom)
                ? called(whom) + " left " + label
                : called(by) + " removed " + called(whom) + " from " + label);
        if (whom.equals(me)) {
          forget(conversation);
        }
      }
      case "role_set" ->
          note(
              called(by)
                  + " gave "
                  + called(whom)
                  + " the role "
                  + change.path("role").asString("")
                  + " in "
                  + label);
      case "renamed" -> {
        String name = change.path("name").asString("?");
        rename(conversation, name);
        note(called(by) + " renamed " + label + " to #" + name);
      }
      default -> {}
    }
  }

  private void changedMany(Conversation group, JsonNode change, int count) {
    String by = called(change.path("by").asString(""));
    String kind = change.path("kind").asString("");
    note(by + " " + kind + " " + count + " members of " + group.label());
    for (JsonNode user : change.path("usernames")) {
      if (kind.equals("removed") && user.asString().equals(me)) {
        forget(group);
      }
    }
  }

  /** The event does not tell who made the group; its owner did. */
  private void created(Conversation group) {
    session()
        .ask(request("members").put("conversation_id", group.id))
        .thenAccept(
            reply -> {
              for (JsonNode member : reply.get("members")) {
                String owner = member.get("username").asString();
                if (member.get("role").asString().equals("owner") && !owner.equals(me)) {
                  note(owner + " added you to " + group.label() + hint(me, group.label()));
                }
              }
            });
  }

  private String called(String username) {
    return username.equals(me) ? "you" : username.isEmpty() ? "the server" : username;
  }

  /** For who was added, and is not there by that. */
  private String hint(String added, String label) {
    return added.equals(me) ? "; /to " + label + " to write there" : "";
  }

  private synchronized void forget(Conversation left) {
    conversations.values().remove(left);
    if (current == left) {
      current = null;
    }
  }

  private synchronized void rename(Conversation group, String name) {
    group.name = name;
  }

  private void receipt(ObjectNode event) {
    boolean seen;
    synchronized (this) {
      Conversation here = current;
      seen =
          here != null
              && event.get("conversation_id").asString().equals(here.id)
              && event.get("kind").asString().equals("read")
              && event.get("seq").asLong() == here.lastOwn;
    }
    if (seen) {
      note("read by " + event.get("username").asString());
    }
  }

  @Override
  public void online(JsonNode states) {
    for (JsonNode state : states) {
      boolean group = state.get("kind").asString().equals("group");
      String name = state.path(group ? "name" : "peer").asString("?");
      synchronized (this) {
        Conversation conversation = known(state.get("conversation_id").asString(), name, group);
        conversation.name = name;
        conversation.unread = conversation == current ? 0 : state.get("unread").asLong();
      }
    }
    boolean back;
    List<ObjectNode> again;
    synchronized (this) {
      back = away;
      away = false;
      again = List.copyOf(unsent);
      unsent.clear();
    }
    if (back) {
      note("Connected again.");
    }
    again.forEach(this::send);
  }

  @Override
  public void offline(String reason, boolean again) {
    synchronized (this) {
      away = true;
    }
    wrong(reason + (again ? "; trying again" : "; start anew to come back"));
  }

  private void show(Conversation conversation, JsonNode message, boolean elsewhere) {
    screen.message(message, elsewhere ? conversation.label() : "");
  }

  private void note(String text) {
    screen.note(text);
  }

  private void wrong(String text) {
    screen.wrong(text);
  }
}
