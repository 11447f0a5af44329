package chat.engine;

import chat.engine.bot.Bot;
import chat.engine.feed.Feed;
import chat.engine.feed.FeedConsumer;
import chat.engine.feed.FeedOptions;
import java.sql.Connection;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * One node of a chat cluster, inside the application's process. Engines that share a store and a
 * router are one cluster: users connected to any of them reach each other.
 *
 * <pre>{@code
 * try (ChatEngine engine = ChatEngine.builder()
 *     .store(PostgresMessageStore.open(dataSource))
 *     .router(RedisRouter.open("redis://localhost:6379"))
 *     .build()) {
 *   ChatSession ada =
 *       engine.connect(UserId.of("ada"), DeviceId.of("phone"), ChatListener.of(event -> ...)).join();
 * }
 * }</pre>
 *
 * <p>Thread-safe. Build it once and share it; it owns threads named {@code chat-...} and ends them
 * when closed.
 */
public interface ChatEngine extends AutoCloseable {

  /**
   * Starts with defaults for everything; only a {@link chat.engine.spi.MessageStore} must be given.
   */
  static EngineBuilder builder() {
    return new EngineBuilder();
  }

  /**
   * Opens a session. When the future completes the session receives every later message of all its
   * user's conversations. Authentication is up to the application: the caller vouches for the user.
   *
   * <p>Fails with {@code RATE_LIMITED} if the user has as many sessions on this node as {@link
   * EngineBuilder#maxSessionsPerUser} allows, and with {@code UNAVAILABLE} if the store is away or
   * the engine drains.
   */
  CompletableFuture<ChatSession> connect(UserId user, DeviceId device, ChatListener listener);

  /**
   * Opens a session for a device that was connected before: as {@link #connect(UserId, DeviceId,
   * ChatListener)} followed by {@link ChatSession#sync}, in one step. The first event of the
   * listener follows directly after the answer.
   *
   * @param cursors see {@link ChatSession#sync}
   */
  CompletableFuture<Connected> connect(
      UserId user, DeviceId device, Map<ConversationId, SyncCursor> cursors, ChatListener listener);

  /** Acts for a user without a connection. Cheap; the object holds no resources. */
  ChatUser asUser(UserId user);

  /** Acts with the authority of the application. Cheap; the object holds no resources. */
  ChatApplication asApplication();

  /**
   * Acts inside a transaction of the application, with the application's authority. Neither commits
   * nor closes the connection. Cheap; this call does not use the connection yet.
   *
   * @param transaction a connection to the database of the engine's store, with auto-commit off
   * @throws IllegalStateException if the connection is in auto-commit mode or read-only, or if the
   *     store takes part in no transactions (those of this library do; for tests without PostgreSQL
   *     see the test kit)
   * @throws ChatException with {@code UNAVAILABLE} if the engine drains or is closed
   */
  TransactionalChat transactional(Connection transaction);

  /**
   * Opens a durable feed: everything that is committed in the cluster, messages and changes, at
   * least once, in order within each conversation. Its cursor is kept in the store under its name,
   * so it continues where it was, whatever happens to the nodes. It sees every commit, however long
   * the transaction took. Of the nodes that have it open, one delivers at a time. An installation
   * without feeds pays nothing for them.
   *
   * <p>Receipts, presence and typing are not part of it, nor is the creation of a conversation,
   * which shows in its first message or change; a conversation that is created and deleted while no
   * node has the feed open leaves no trace in it. Messages that expire before they are delivered
   * are left out.
   *
   * <p>Fails with {@code BAD_REQUEST} for a name that is not 1 to 64 characters of {@code A-Z a-z
   * 0-9 _ . : -}, {@code CONFLICT} if this engine has it open already, {@code FORBIDDEN} if the
   * store has no feeds, and {@code UNAVAILABLE} if the store is away or the engine drains.
   *
   * @param options where a new feed begins, and how many batches the consumer takes at a time; all
   *     nodes should pass the same
   */
  @Experimental
  CompletableFuture<Feed> feed(String name, FeedOptions options, FeedConsumer consumer);

  /** As {@link #feed(String, FeedOptions, FeedConsumer)}, from now on if it is new. */
  @Experimental
  default CompletableFuture<Feed> feed(String name, FeedConsumer consumer) {
    return feed(name, FeedOptions.DEFAULT, consumer);
  }

  /**
   * Starts bots, on a feed called {@code bots}. Start the same ones on every node of a cluster: one
   * node asks them at a time, and if it ends another continues. A bot is a user like others: add it
   * to groups, or let users open direct conversations with it. Bots do not see what was said before
   * they were started for the first time.
   *
   * @param bots by the users for whom they speak
   * @return fails as {@link #feed}; closing it ends the bots on this node
   */
  @Experimental
  CompletableFuture<Feed> bots(Map<UserId, Bot> bots);

  /**
   * Ends all sessions of a user on every node with {@code DISCONNECTED}, for example after a
   * log-out or a suspension. It does not keep the user from connecting again: that is up to the
   * application.
   *
   * <p>The sessions of this node have ended when the call returns. The future completes when the
   * router has taken the request for the other nodes. It fails with {@code UNAVAILABLE} if the
   * router could not take it: then sessions on other nodes continue, so repeat the call.
   *
   * @param explanation shown to the sessions in {@link chat.engine.event.SessionEnded}; 1 to 200
   *     characters
   */
  CompletableFuture<Void> disconnect(UserId user, String explanation);

  /**
   * The epoch of the store: it changes when a backup is restored, and clients that keep cursors
   * must then forget them.
   */
  String epoch();

  /** The name of this node in its cluster; a new one with every start. */
  String nodeId();

  /**
   * The time that all nodes of the cluster agree on: this node's clock, corrected by the difference
   * to the store's clock, which is measured every two seconds. Messages get their times from it.
   * Good to about a quarter of a second while the store answers in time; between two measurements a
   * step of the node's clock shows. Does not block.
   */
  InstantSource clock();

  /** The longest text of a message, in bytes of UTF-8. */
  int maxTextBytes();

  /** The most members of a group. */
  int maxGroupMembers();

  /** How many sessions are connected to this node. */
  int sessionCount();

  /**
   * What this node has counted since its start, by name; for metrics pages and tests. The names are
   * the same from the start on; a copy.
   */
  Map<String, Long> counters();

  /**
   * The current state of this node, by name: what waits, what runs, and every limit as {@code
   * limit_...}. The names are the same from the start on; a copy.
   */
  Map<String, Long> gauges();

  /**
   * Whether messages can be stored, whether envelopes reach other nodes, and whether there are ids.
   * Does not block: the last known state.
   */
  Health health();

  /**
   * Prepares the shutdown: refuses new sessions and whatever stores something (sends, receipts,
   * changes of groups, blocks and settings) with {@code UNAVAILABLE}, finishes what was accepted
   * before, hands it to the other nodes, and ends all sessions with {@code DRAINING}. Reads go on
   * until the engine closes. Replacing a user and deleting the texts of a conversation go on by
   * themselves, on this node until it closes and then on another. Blocks until done or until the
   * deadline has passed. Idempotent.
   *
   * @return whether everything was finished and handed over in time. False does not mean that a
   *     message is lost: what was acknowledged is committed, and the other nodes find it in the
   *     store within seconds
   */
  boolean drain(Duration deadline);

  /**
   * Drains for at most 5 s; after a {@link #drain} it waits as long for what that left unfinished.
   * What is committed until then is handed to the other nodes. Then ends all threads and closes the
   * router, the ids and the store that the engine was built with. Every future that is still open
   * fails with {@code UNAVAILABLE}. If one part throws, the others are closed all the same.
   *
   * <p>Idempotent; a second caller waits for the first. Called on a thread of the engine, for
   * example by a listener, it returns at once and the engine closes in the background.
   */
  @Override
  void close();

  /**
   * What works, as last known. Without {@code store} or {@code ids} this node takes no sends, and
   * refuses them with {@code UNAVAILABLE}: a readiness check should fail. Both recover
   * automatically.
   *
   * @param store false from a commit that found the store unavailable (away, read-only, disk full)
   *     until one succeeds, or, where nobody sends, until nothing has failed for some seconds; 30
   *     at most
   * @param router whether this node is linked to the others; when not, messages between nodes still
   *     arrive, seconds late, because each node then asks the store
   * @param ids whether ids can be given out; false for example when the lease of the machine id
   *     ended and no new one can be obtained
   */
  record Health(boolean store, boolean router, boolean ids) {}
}
