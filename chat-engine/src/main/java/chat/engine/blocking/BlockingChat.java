package chat.engine.blocking;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatListener;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.Experimental;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.bot.Bot;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedConsumer;
import chat.engine.feed.FeedOptions;
import java.util.Map;

/**
 * A {@link ChatEngine} whose calls wait for their answers.
 *
 * <pre>{@code
 * BlockingChat chat = BlockingChat.of(engine);
 * Conversation talk = chat.asUser(ada).openDirect(bob);
 * SendAck ack = chat.asUser(ada).send(talk.id(), NewMessage.text("Hello"));
 * }</pre>
 *
 * <p>Thread-safe, and holds nothing but the engine, which is still the caller's to close. The
 * engine answers every call in the end: no call waits for longer than its time-outs and those of
 * the store. On a platform thread that is no engine's, and on a virtual thread, calls may be made
 * as they are; listeners should not make them, since that holds up their own session.
 *
 * <p><b>Errors.</b> What the future of a call would fail with is thrown: always a {@link
 * ChatException}. <b>Interrupts.</b> An interrupt ends the waiting, not the call: a {@code
 * UNAVAILABLE} exception is thrown that is {@linkplain ChatException#inDoubt() in doubt}, since
 * what was asked may still be done, and the thread is interrupted again.
 */
public final class BlockingChat {
  private final ChatEngine engine;

  private BlockingChat(ChatEngine engine) {
    this.engine = engine;
  }

  public static BlockingChat of(ChatEngine engine) {
    return new BlockingChat(engine);
  }

  /** The engine behind this view. */
  public ChatEngine engine() {
    return engine;
  }

  /** As {@link ChatEngine#connect(UserId, DeviceId, ChatListener)}. */
  public BlockingSession connect(UserId user, DeviceId device, ChatListener listener) {
    return new BlockingSession(Await.result(engine.connect(user, device, listener)));
  }

  /** As {@link ChatEngine#connect(UserId, DeviceId, Map, ChatListener)}. */
  public Connected connect(
      UserId user,
      DeviceId device,
      Map<ConversationId, SyncCursor> cursors,
      ChatListener listener) {
    chat.engine.Connected connected = Await.result(engine.connect(user, device, cursors, listener));
    return new Connected(new BlockingSession(connected.session()), connected.sync());
  }

  /** As {@link chat.engine.Connected}. */
  public record Connected(BlockingSession session, SyncResult sync) {}

  /** As {@link ChatEngine#asUser}. */
  public BlockingUser asUser(UserId user) {
    return new BlockingUser(engine.asUser(user));
  }

  /** As {@link ChatEngine#asApplication}. */
  public BlockingApplication asApplication() {
    return new BlockingApplication(engine.asApplication());
  }

  /** As {@link ChatEngine#feed(String, FeedOptions, FeedConsumer)}. */
  @Experimental
  public Feed feed(String name, FeedOptions options, FeedConsumer consumer) {
    return Await.result(engine.feed(name, options, consumer));
  }

  /** As {@link ChatEngine#feed(String, FeedConsumer)}. */
  @Experimental
  public Feed feed(String name, FeedConsumer consumer) {
    return Await.result(engine.feed(name, consumer));
  }

  /** As {@link ChatEngine#bots}. */
  @Experimental
  public Feed bots(Map<UserId, Bot> bots) {
    return Await.result(engine.bots(bots));
  }

  /** As {@link ChatEngine#disconnect}. */
  public void disconnect(UserId user, String explanation) {
    Await.result(engine.disconnect(user, explanation));
  }
}
