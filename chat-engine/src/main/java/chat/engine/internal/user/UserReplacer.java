package chat.engine.internal.user;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.UserRecord;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.session.Session;
import chat.engine.internal.session.SessionRegistry;
import chat.engine.internal.session.UserSessions;
import chat.engine.internal.util.Timers;
import chat.engine.spi.MessageStore;
import chat.engine.spi.UserReplacements;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.spi.UserReplacements.Place;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases and renames users, and deletes all that they wrote. What is to be done is noted in the
 * store, and any node goes on with what one that died has left. Thread-safe; works on the store
 * threads, and between two transactions lets others have the thread.
 */
public final class UserReplacer {
  private static final Logger log = LoggerFactory.getLogger(UserReplacer.class);

  private static final Duration PERIOD = Duration.ofSeconds(10);

  /** Nobody works on what nobody has noted progress of for so long. */
  private static final Duration ABANDONED = Duration.ofSeconds(10);

  private static final int CLAIMED_AT_ONCE = 4;

  private final MessageStore store;
  private final UserReplacements replacements;
  private final ConversationDirectory directory;
  private final Announcer announcer;
  private final InstantSource clock;
  private final StoreThreads reads;
  private final SessionRegistry registry;
  private final Consumer<UserId> endSessions;

  /** What runs on this node. */
  private final Map<Key, CompletableFuture<Void>> running = new ConcurrentHashMap<>();

  /** Those whose sessions here have been told to sync; used by one tick at a time. */
  private final Set<UserId> resynced = new HashSet<>();

  private record Key(Kind kind, UserId user) {}

  /**
   * @param endSessions ends the sessions of a user on all nodes, as far as these can be reached
   */
  public UserReplacer(
      MessageStore store,
      ConversationDirectory directory,
      Announcer announcer,
      InstantSource clock,
      StoreThreads reads,
      SessionRegistry registry,
      Consumer<UserId> endSessions) {
    this.store = store;
    this.replacements = store.replacements();
    this.directory = directory;
    this.announcer = announcer;
    this.clock = clock;
    this.reads = reads;
    this.registry = registry;
    this.endSessions = endSessions;
  }

  public void start(Timers timers) {
    timers.every(
        PERIOD,
        () -> {
          var unused = reads.run(this::tick);
        });
  }

  private void tick() {
    takeOver(ABANDONED);
    Set<UserId> recent = replacements.recent(registry.users());
    synchronized (resynced) {
      resynced.retainAll(recent);
      recent.stream().filter(resynced::add).forEach(this::resync);
    }
  }

  /** This node may have missed that the user is no member of anything any more. */
  private void resync(UserId user) {
    UserSessions here = registry.find(user);
    if (here != null) {
      List.of(here.sessions()).forEach(Session::resync);
    }
  }

  /** Goes on with what nobody works on. */
  void takeOver(Duration abandoned) {
    for (Job job : replacements.claim(abandoned, CLAIMED_AT_ONCE)) {
      run(job)
          .whenComplete(
              (done, fault) -> {
                if (fault != null) {
                  log.warn(
                      "a user could not be replaced or rid of messages to the end; it is tried again: {}",
                      fault.toString());
                }
              });
    }
  }

  /**
   * Erases or renames a user, or deletes their messages, in all conversations.
   *
   * @param replacement the user, if only messages are deleted
   */
  public CompletableFuture<Void> replace(Kind kind, UserId user, UserId replacement) {
    ChatException refusal = refusal(kind, user, replacement);
    if (refusal != null) {
      return CompletableFuture.failedFuture(refusal);
    }
    return reads
        .submit(() -> wanted(kind, user, replacement))
        .thenCompose(
            wanted ->
                switch (wanted) {
                  case DONE -> CompletableFuture.<Void>completedFuture(null);
                  case BEGUN -> begin(kind, user, replacement);
                  case TO_BE_CHECKED ->
                      requireNeverUsed(replacement, Place.START)
                          .thenCompose(unused -> begin(kind, user, replacement));
                });
  }

  private static @Nullable ChatException refusal(Kind kind, UserId user, UserId replacement) {
    if (user.isSystem() || replacement.isSystem()) {
      return ChatException.badRequest("the system is no user");
    }
    return kind != Kind.DELETE_MESSAGES && user.equals(replacement)
        ? ChatException.badRequest("user " + user + " cannot be replaced by the same id")
        : null;
  }

  private enum Wanted {
    DONE,
    BEGUN,
    TO_BE_CHECKED
  }

  private Wanted wanted(Kind kind, UserId user, UserId replacement) {
    if (kind == Kind.DELETE_MESSAGES || replacements.find(kind, user).isPresent()) {
      return Wanted.BEGUN;
    }
    Kind other = kind == Kind.ERASE ? Kind.RENAME : Kind.ERASE;
    if (replacements.find(other, user).isPresent()) {
      throw ChatException.conflict("user " + user + " is being erased or renamed");
    }
    if (replacements.isDone(kind, user) && !replacements.isInUse(user)) {
      return Wanted.DONE;
    }
    if (replacements.isInUse(replacement)) {
      throw inUse(replacement);
    }
    return kind == Kind.RENAME ? Wanted.TO_BE_CHECKED : Wanted.BEGUN;
  }

  private static ChatException inUse(UserId replacement) {
    return ChatException.conflict("user id " + replacement + " is in use, or was");
  }

  /** A user who has left everything has no rows but in the log. */
  private CompletableFuture<Void> requireNeverUsed(UserId replacement, Place after) {
    return reads
        .submit(() -> replacements.naming(replacement, after, ReplacementRun.LOG_AT_ONCE))
        .thenCompose(
            naming -> {
              Place next = naming.next();
              if (!naming.conversations().isEmpty()) {
                return CompletableFuture.<Void>failedFuture(inUse(replacement));
              }
              return next == null
                  ? CompletableFuture.<Void>completedFuture(null)
                  : requireNeverUsed(replacement, next);
            });
  }

  private CompletableFuture<Void> begin(Kind kind, UserId user, UserId replacement) {
    return reads
        .submit(() -> replacements.begin(kind, user, replacement, clock.instant()))
        .thenCompose(this::run);
  }

  private CompletableFuture<Void> run(Job job) {
    Key key = new Key(job.kind(), job.user());
    CompletableFuture<Void> mine = new CompletableFuture<>();
    CompletableFuture<Void> before = running.putIfAbsent(key, mine);
    if (before != null) {
      return before;
    }
    newRun(job)
        .start()
        .whenComplete(
            (done, fault) -> {
              running.remove(key, mine); // first: who hears of a failure may ask again at once
              settle(mine, fault);
            });
    return mine;
  }

  private static void settle(CompletableFuture<Void> future, @Nullable Throwable fault) {
    if (fault == null) {
      future.complete(null);
    } else {
      future.completeExceptionally(Errors.toChatException(fault));
    }
  }

  /** Deletes what a user wrote in one conversation. If this node dies meanwhile, nobody goes on. */
  public CompletableFuture<Void> deleteMessages(UserId user, ConversationId conversation) {
    Job job = new Job(Kind.DELETE_MESSAGES, user, user, Place.START);
    return newRun(job).only(conversation);
  }

  /** Tells a sink all that is stored of a user. */
  public CompletableFuture<Void> export(UserId user, UserRecord.Sink sink) {
    return user.isSystem()
        ? CompletableFuture.failedFuture(ChatException.badRequest("the system is no user"))
        : new ExportRun(user, store, reads, sink).start();
  }

  private ReplacementRun newRun(Job job) {
    return new ReplacementRun(job, store, directory, announcer, clock, reads, endSessions);
  }
}
