package chat.engine.testkit;

import chat.engine.ChatEngine;
import chat.engine.ChatListener;
import chat.engine.ChatSession;
import chat.engine.Connected;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Message;
import chat.engine.UserId;
import chat.engine.event.ChatEvent;
import chat.engine.event.MessageReceived;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Records what a session is told, and lets a test wait for it. {@link TestChat#connect} gives one
 * that is connected; as any listener, it may be given to {@link ChatEngine#connect} of any engine.
 *
 * <p>The methods {@code await...} read the events one after another: each looks for the first that
 * it is asked for <em>behind the one that was found before</em>, and takes it, with what lies
 * between. So two calls in a row also assert the order. An event that has arrived is found at once;
 * else the call waits, and fails when the patience is over with an {@link AssertionError} that
 * shows all that arrived.
 *
 * <p>That something does <em>not</em> arrive is asserted without waiting for nothing: {@link
 * #assertNoMoreMessages} compares with the store; for other events, await one that comes later, and
 * look at {@link #events()} then.
 *
 * <p>Use one for each session. Thread-safe; several threads that await take events from each other.
 */
public final class RecordingListener implements ChatListener {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Duration patience;
  private final List<ChatEvent> events = new ArrayList<>();
  private @Nullable ChatSession session;
  private @Nullable DeliveredMessages delivered;

  /** How many events were taken. */
  private int taken;

  /** Waits for at most 20 s. */
  public RecordingListener() {
    this(PATIENCE);
  }

  /**
   * @param patience how long to wait for an event
   */
  public RecordingListener(Duration patience) {
    this.patience = patience;
  }

  RecordingListener connect(ChatEngine engine, UserId user, DeviceId device) {
    Connected connected = engine.connect(user, device, Map.of(), this).join();
    synchronized (this) {
      session = connected.session();
      delivered = new DeliveredMessages(engine, user, connected.sync());
    }
    return this;
  }

  /**
   * The session that is recorded.
   *
   * @throws IllegalStateException if it is not known: it was not connected by {@link
   *     TestChat#connect}, and no event has arrived
   */
  public synchronized ChatSession session() {
    if (session == null) {
      throw new IllegalStateException("no session: connect with TestChat, or await an event first");
    }
    return session;
  }

  // ---- what was recorded

  @Override
  public synchronized void onEvent(ChatSession of, ChatEvent event) {
    session = of;
    events.add(event);
    notifyAll();
  }

  /** All events so far, in order. */
  public synchronized List<ChatEvent> events() {
    return List.copyOf(events);
  }

  /** All events of a type so far, in order. */
  public synchronized <T extends ChatEvent> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** All messages so far, in order. */
  public List<Message> messages() {
    return events(MessageReceived.class).stream().map(MessageReceived::message).toList();
  }

  /** All messages of a conversation so far, in order. */
  public List<Message> messages(ConversationId conversation) {
    return messages().stream()
        .filter(message -> message.conversation().equals(conversation))
        .toList();
  }

  /** The texts of all messages of a conversation so far, in order. */
  public List<String> texts(ConversationId conversation) {
    return messages(conversation).stream().map(Message::text).toList();
  }

  // ---- what a test waits for

  /** Takes the next message with this text. */
  public Message awaitMessage(String text) {
    return awaitNext(
            MessageReceived.class,
            received -> received.message().text().equals(text),
            "a message \"" + text + "\"")
        .message();
  }

  /** Takes the next event of a type. */
  public <T extends ChatEvent> T awaitNext(Class<T> type) {
    return awaitNext(type, any -> true, "a " + type.getSimpleName());
  }

  /** Takes the next event of a type that fulfils a condition. */
  public <T extends ChatEvent> T awaitNext(Class<T> type, Predicate<? super T> condition) {
    return awaitNext(type, condition, "a certain " + type.getSimpleName());
  }

  private synchronized <T extends ChatEvent> T awaitNext(
      Class<T> type, Predicate<? super T> condition, String description) {
    Deadline deadline = Deadline.in(patience);
    int looked = taken;
    while (true) {
      for (; looked < events.size(); looked++) {
        ChatEvent event = events.get(looked);
        if (type.isInstance(event) && condition.test(type.cast(event))) {
          taken = looked + 1;
          return type.cast(event);
        }
      }
      if (!deadline.await(this)) {
        throw failure("%s did not arrive within %s".formatted(description, patience));
      }
    }
  }

  /**
   * Fails if a message has arrived that was not taken, or is still to arrive: waits until all
   * messages that the store has for this session were delivered, which is at once in most cases,
   * and looks then. What the user wrote is not waited for, since the session that sent it is not
   * told.
   *
   * @throws IllegalStateException if the session was not connected by {@link TestChat#connect}
   */
  public void assertNoMoreMessages() {
    DeliveredMessages all;
    synchronized (this) {
      all = delivered;
    }
    if (all == null) {
      throw new IllegalStateException(
          "connect with TestChat.connect(user): else it is not known"
              + " since when the session has been there");
    }
    List<Message> due = all.due();
    synchronized (this) {
      Deadline deadline = Deadline.in(patience);
      while (!messages().containsAll(due)) {
        if (!deadline.await(this)) {
          throw failure("%s did not arrive within %s".formatted(missing(due), patience));
        }
      }
      for (ChatEvent event : events.subList(taken, events.size())) {
        if (event instanceof MessageReceived) {
          throw failure("no more messages were expected");
        }
      }
    }
  }

  private String missing(List<Message> due) {
    List<Message> arrived = messages();
    return due.stream()
        .filter(message -> !arrived.contains(message))
        .map(RecordingListener::describe)
        .toList()
        .toString();
  }

  // ---- how it is told

  private AssertionError failure(String what) {
    StringBuilder story = new StringBuilder(what);
    story.append(
        events.isEmpty() ? "; nothing arrived" : "; arrived so far (* was awaited before):");
    for (int i = 0; i < events.size(); i++) {
      ChatEvent event = events.get(i);
      story
          .append(i < taken ? "\n * " : "\n   ")
          .append(
              event instanceof MessageReceived received
                  ? describe(received.message())
                  : event.toString());
    }
    return new AssertionError(story.toString());
  }

  private static String describe(Message message) {
    return "message %d of %s from %s: \"%s\""
        .formatted(message.seq(), message.conversation(), message.from(), message.text());
  }

  @Override
  public synchronized String toString() {
    return "recorded " + events;
  }
}
