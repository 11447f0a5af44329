package chat.engine.internal.session;

import chat.engine.ConversationId;
import chat.engine.Privacy;
import chat.engine.UserId;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one user on this node, and the groups in whose feeds the user is entered.
 * Outlives its last session by the presence grace. Thread-safe; reading the sessions takes no lock.
 */
public final class UserSessions {
  private static final Session[] NONE = {};
  private static final long[] NO_GROUPS = {};

  private final UserId user;
  private volatile Session[] sessions = NONE;

  /** Ascending ids; guarded by this. */
  private long[] groups = NO_GROUPS;

  private volatile long leftNanos;

  private final CompletableFuture<Void> routed;

  /** Null until it was read. */
  private volatile @Nullable Privacy privacy;

  /**
   * @param routed completes when what is published to the user reaches this node
   */
  UserSessions(UserId user, CompletableFuture<Void> routed) {
    this.user = user;
    this.routed = routed;
  }

  /** Completes when what is published to the user reaches this node; every session waits for it. */
  public CompletableFuture<Void> routed() {
    return routed;
  }

  public UserId user() {
    return user;
  }

  /** A snapshot that nobody changes. */
  public Session[] sessions() {
    return sessions;
  }

  public boolean knowsPrivacy() {
    return privacy != null;
  }

  /**
   * Takes the settings of the user, unless later ones are known.
   *
   * @return whether they are later than those that were known
   */
  public synchronized boolean learn(Privacy now) {
    Privacy before = privacy;
    boolean later = before == null || before.version() < now.version();
    if (later) {
      privacy = now;
    }
    return later;
  }

  /** Whether the user may see how far others have read. */
  public boolean seesReads() {
    Privacy known = privacy;
    return known == null || known.readReceipts();
  }

  boolean isEmpty() {
    return sessions.length == 0;
  }

  synchronized void add(Session session) {
    Session[] more = Arrays.copyOf(sessions, sessions.length + 1);
    more[more.length - 1] = session;
    sessions = more;
  }

  /**
   * @return whether it was there
   */
  synchronized boolean remove(Session session) {
    Session[] fewer =
        Arrays.stream(sessions).filter(other -> other != session).toArray(Session[]::new);
    boolean found = fewer.length < sessions.length;
    if (found && fewer.length == 0) {
      leftNanos = System.nanoTime();
    }
    sessions = fewer.length == 0 ? NONE : fewer;
    return found;
  }

  /** When the last session was removed, if there is none now. */
  public long leftNanos() {
    return leftNanos;
  }

  /**
   * @return false if it was entered before
   */
  public synchronized boolean enterGroup(ConversationId group) {
    int at = Arrays.binarySearch(groups, group.value());
    if (at >= 0) {
      return false;
    }
    int insert = -at - 1;
    long[] more = Arrays.copyOf(groups, groups.length + 1);
    System.arraycopy(groups, insert, more, insert + 1, groups.length - insert);
    more[insert] = group.value();
    groups = more;
    return true;
  }

  /**
   * @return whether it was entered
   */
  public synchronized boolean leaveGroup(ConversationId group) {
    int at = Arrays.binarySearch(groups, group.value());
    if (at < 0) {
      return false;
    }
    long[] fewer = new long[groups.length - 1];
    System.arraycopy(groups, 0, fewer, 0, at);
    System.arraycopy(groups, at + 1, fewer, at, fewer.length - at);
    groups = fewer.length == 0 ? NO_GROUPS : fewer;
    return true;
  }

  public synchronized boolean isInGroup(ConversationId group) {
    return Arrays.binarySearch(groups, group.value()) >= 0;
  }

  public synchronized ConversationId[] groups() {
    return Arrays.stream(groups).mapToObj(ConversationId::of).toArray(ConversationId[]::new);
  }
}
