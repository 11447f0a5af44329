package chat.engine.redis;

import chat.engine.redis.link.Command;
import chat.engine.redis.link.RedisFailure;
import chat.engine.redis.link.RedisLink;
import chat.engine.redis.link.Replies;
import chat.engine.spi.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The table in Redis: which nodes there are, which of them live, and what each is subscribed to.
 * Knows how to read and write it, not when. Every method blocks for a few round trips and throws
 * {@link RedisFailure}; then some of it may be done. Holds no state but the count of commands;
 * thread-safe.
 */
final class RoutingTable {
  /** How long a node is believed to live after its last sign. */
  static final Duration LEASE = Duration.ofSeconds(5);

  /** How long a table that was begun anew may be incomplete: all nodes notice in that time. */
  static final Duration SETTLING = Duration.ofSeconds(4);

  /** How long another survivor leaves it to the claimant to clean up. */
  private static final Duration CLAIM = Duration.ofSeconds(30);

  private static final String JOINING = "joining";
  private static final String READY = "ready";
  private static final int PAGE = 1_000;

  /** Keys in one command; more would make other clients of Redis wait. */

  /** What a lease says about its node. */
  enum Life {
    /** Its topics are all written. */
    READY,
    /** It is writing its topics. */
    JOINING,
    /** It has no lease: it died, or Redis lost or refused the lease. */
    NONE
  }

  /**
   * What a node finds every second.
   *
   * @param probeReceivers how many subscriptions got the probe on the server that was asked
   */
  record Pulse(Life life, Set<String> nodes, boolean tableBegun, long probeReceivers) {}

  /**
   * How one node sees the table.
   *
   * @param isComplete whether what is missing in the table is really missing, as far as Redis
   *     knows: the node itself is in it, and it was not begun anew a moment ago
   */
  record View(Map<String, Life> lives, boolean isComplete) {}

  /**
   * @param wrongType topics whose key held something else; the key is deleted
   */
  record Subscribers(Map<Topic, Set<String>> nodes, Set<Topic> wrongType) {}

  /**
   * What became of some topics.
   *
   * @param refused those that Redis refused; they may be tried again
   * @param why the first refusal
   * @param listLost whether the list of the node's topics held something else, and is empty now
   */
  record Written(Set<Topic> refused, @Nullable RedisFailure why, boolean listLost) {}

  private final RedisLink link;
  private final RedisKeys keys;
  private final AtomicLong commandsSent;

  RoutingTable(RedisLink link, RedisKeys keys, AtomicLong commandsSent) {
    this.link = link;
    this.keys = keys;
    this.commandsSent = commandsSent;
  }

  private Replies call(List<Command> commands) {
    if (commands.isEmpty()) {
      return new Replies(List.of());
    }
    commandsSent.addAndGet(commands.size());
    return link.call(commands);
  }

  private Replies call(Command... commands) {
    return call(List.of(commands));
  }

  // ---- a node's life

  /**
   * Puts a node into the list, not yet with all its topics.
   *
   * @return false if another node cleans up after this name, which then must not be used
   */
  boolean join(String id) {
    add(keys.nodes(), id);
    call(Command.set(keys.lease(id), JOINING, LEASE.toMillis())).checked();
    // Only now: a claimant looks at the lease after it wrote the claim, so one of the two sees the
    // other.
    Replies replies = call(Command.exists(keys.claim(id)), Command.exists(keys.table())).checked();
    if (replies.number(1) == 0) {
      beginTable();
    }
    return replies.number(0) == 0;
  }

  /** Says that the table is new, so what is missing in it says nothing yet. */
  void beginTable() {
    call(Command.set(keys.settling(), "1", SETTLING.toMillis())).checked();
    call(Command.set(keys.table(), "1")).checked();
  }

  /** Says that all topics of the node are written. */
  void ready(String id) {
    call(Command.set(keys.lease(id), READY, LEASE.toMillis())).checked();
  }

  /** Renews a node's lease, and looks around. */
  Pulse pulse(String id) {
    Replies replies =
        call(
            Command.expire(keys.lease(id), LEASE.toMillis()),
            Command.get(keys.lease(id)),
            Command.members(keys.nodes()),
            Command.exists(keys.table()),
            link.publication(keys.channel(id), Frames.PROBE));
    Life life = replies.number(0) == 0 ? Life.NONE : life(replies, 1);
    RedisFailure nodesFailure = replies.failure(2);
    Set<String> nodes;
    if (isWrongType(nodesFailure)) {
      call(Command.delete(keys.nodes())).checked();
      nodes = Set.of();
    } else {
      nodes = replies.texts(2);
    }
    return new Pulse(life, nodes, replies.number(3) == 1, replies.number(4));
  }

  Map<String, Life> lives(Collection<String> ids) {
    List<String> asked = List.copyOf(ids);
    Replies replies = call(asked.stream().map(id -> Command.get(keys.lease(id))).toList());
    return lives(asked, replies);
  }

  private static Map<String, Life> lives(List<String> ids, Replies replies) {
    Map<String, Life> lives = new LinkedHashMap<>();
    for (int i = 0; i < ids.size(); i++) {
      lives.put(ids.get(i), life(replies, i));
    }
    return lives;
  }

  private static Life life(Replies replies, int index) {
    RedisFailure failure = replies.failure(index);
    if (isWrongType(failure)) {
      return Life.NONE; // its node will see it and write it again
    }
    String value = replies.text(index);
    return READY.equals(value) ? Life.READY : JOINING.equals(value) ? Life.JOINING : Life.NONE;
  }

  /**
   * @param ids nodes that were found in the table
   * @param self the node that asks
   */
  View view(Collection<String> ids, String self) {
    List<String> asked = List.copyOf(ids);
    List<Command> commands = new ArrayList<>(asked.size() + 3);
    asked.forEach(id -> commands.add(Command.get(keys.lease(id))));
    commands.add(Command.get(keys.lease(self)));
    commands.add(Command.exists(keys.table()));
    commands.add(Command.timeToLive(keys.settling()));
    Replies replies = call(commands);
    int own = asked.size();
    boolean complete =
        life(replies, own) == Life.READY
            && replies.number(own + 1) == 1
            && replies.number(own + 2) <= 0;
    return new View(lives(asked, replies), complete);
  }

  // ---- topics

  /** Writes that a node is subscribed to some topics, and not to others. */
  Written write(String id, Collection<Topic> added, Collection<Topic> removed) {
    List<Command> commands = new ArrayList<>(added.size() + removed.size() + 2);
    List<Collection<Topic>> concerned = new ArrayList<>(commands.size());
    // The list of the node's topics always has what is under the topics, if not more, so that a
    // node that cleans up finds everything.
    if (!added.isEmpty()) {
      commands.add(Command.add(keys.topicsOf(id), names(added)));
      concerned.add(added);
    }
    for (Topic topic : added) {
      commands.add(Command.add(keys.topic(topic), List.of(id)));
      concerned.add(List.of(topic));
    }
    for (Topic topic : removed) {
      commands.add(Command.remove(keys.topic(topic), List.of(id)));
      concerned.add(List.of(topic));
    }
    if (!removed.isEmpty()) {
      commands.add(Command.remove(keys.topicsOf(id), names(removed)));
      concerned.add(removed);
    }
    Replies replies = call(commands);
    Set<Topic> refused = new HashSet<>();
    RedisFailure why = null;
    boolean listLost = false;
    for (int i = 0; i < commands.size(); i++) {
      RedisFailure failure = replies.failure(i);
      if (failure != null) {
        String key = commands.get(i).key();
        refused.addAll(concerned.get(i));
        why = why == null ? failure : why;
        deleteIfWrongType(failure, key);
        listLost |= isWrongType(failure) && key.equals(keys.topicsOf(id));
      }
    }
    return new Written(refused, why, listLost);
  }

  private void deleteIfWrongType(RedisFailure failure, String key) {
    if (isWrongType(failure)) {
      call(Command.delete(key)).checked();
    }
  }

  private static boolean isWrongType(@Nullable RedisFailure failure) {
    return failure != null && failure.kind() == RedisFailure.Kind.WRONG_TYPE;
  }

  /**
   * Whether the node is found under all the topics and in the list of its topics. A quick look
   * where one command can join keys: Redis takes the smallest of the sets, which is that of a user
   * in nearly all cases and has one or two members, and looks for these in the others.
   *
   * @param topics not many, for Redis does nothing else meanwhile
   * @return false also if Redis refuses to say; {@link #missing} tells more
   */
  boolean hasAll(String id, Collection<Topic> topics) {
    if (topics.isEmpty()) {
      return true;
    }
    if (!link.joinsKeys()) {
      return missing(id, topics).isEmpty();
    }
    List<Topic> asked = List.copyOf(topics);
    Replies replies =
        call(
            List.of(
                Command.intersection(asked.stream().map(keys::topic).toList()),
                Command.isMember(keys.topicsOf(id), asked.get(0).name())));
    return replies.failure(0) == null && replies.texts(0).contains(id) && !isMissing(replies, 1);
  }

  /**
   * Those of the topics under which the node is not found; all of them if the list of the node's
   * topics is gone.
   */
  Set<Topic> missing(String id, Collection<Topic> topics) {
    if (topics.isEmpty()) {
      return Set.of();
    }
    List<Topic> asked = List.copyOf(topics);
    List<Command> commands = new ArrayList<>(asked.size() + 1);
    asked.forEach(topic -> commands.add(Command.isMember(keys.topic(topic), id)));
    commands.add(Command.isMember(keys.topicsOf(id), asked.get(0).name()));
    Replies replies = call(commands);
    if (isMissing(replies, asked.size())) {
      return Set.copyOf(asked);
    }
    Set<Topic> missing = new HashSet<>();
    for (int i = 0; i < asked.size(); i++) {
      if (isMissing(replies, i)) {
        missing.add(asked.get(i));
      }
    }
    return missing;
  }

  private static boolean isMissing(Replies replies, int index) {
    return isWrongType(replies.failure(index)) || replies.number(index) == 0;
  }

  /** The nodes that are subscribed, dead or alive. */
  Subscribers subscribers(Collection<Topic> topics) {
    List<Topic> asked = List.copyOf(topics);
    Replies replies =
        call(asked.stream().map(topic -> Command.members(keys.topic(topic))).toList());
    Map<Topic, Set<String>> nodes = new HashMap<>();
    Set<Topic> wrongType = new HashSet<>();
    for (int i = 0; i < asked.size(); i++) {
      RedisFailure failure = replies.failure(i);
      if (isWrongType(failure)) {
        call(Command.delete(keys.topic(asked.get(i)))).checked();
        wrongType.add(asked.get(i));
      } else {
        nodes.put(asked.get(i), replies.texts(i));
      }
    }
    return new Subscribers(nodes, wrongType);
  }

  // ---- frames

  /** An envelope or a signal on its way to a node. */
  record Frame(String node, byte[] payload) {}

  /** Publishes in order. */
  void publish(List<Frame> frames) {
    call(frames.stream()
            .map(frame -> link.publication(keys.channel(frame.node()), frame.payload()))
            .toList())
        .checked();
  }

  // ---- cleaning up after others

  /** Whether this survivor is the one to clean up after a node that has no lease. */
  boolean claim(String id, String claimant) {
    Command claim = Command.setIfAbsent(keys.claim(id), claimant, CLAIM.toMillis());
    Replies replies = call(claim);
    if (replies.text(0) == null) {
      if (call(Command.timeToLive(keys.claim(id))).number(0) == -1) {
        call(Command.delete(keys.claim(id))).checked(); // it would never end
      }
      return false;
    }
    if (lives(List.of(id)).get(id) != Life.NONE) {
      call(Command.delete(keys.claim(id))).checked();
      return false;
    }
    return true;
  }

  /** Removes every trace of a node. @return the topics that it had */
  Set<Topic> forget(String id) {
    Replies own = call(Command.members(keys.topicsOf(id)));
    RedisFailure failure = own.failure(0);
    boolean wrongType = isWrongType(failure);
    Set<Topic> had =
        wrongType ? Set.of() : own.texts(0).stream().map(Topic::new).collect(Collectors.toSet());
    List<Topic> all = List.copyOf(had);
    for (int start = 0; start < all.size(); start += PAGE) {
      List<Topic> page = all.subList(start, Math.min(start + PAGE, all.size()));
      // The list of the topics stays until all of them are done: another node may have to go on.
      Replies replies =
          call(page.stream().map(topic -> Command.remove(keys.topic(topic), List.of(id))).toList());
      for (int i = 0; i < page.size(); i++) {
        RedisFailure refused = replies.failure(i);
        if (isWrongType(refused)) {
          call(Command.delete(keys.topic(page.get(i)))).checked();
        } else if (refused != null) {
          throw refused;
        }
      }
    }
    call(Command.delete(keys.topicsOf(id)), Command.delete(keys.lease(id))).checked();
    Replies left = call(Command.remove(keys.nodes(), List.of(id)));
    RedisFailure refused = left.failure(0);
    if (refused != null) {
      deleteIfWrongType(refused, keys.nodes());
    }
    return had;
  }

  private void add(String set, String member) {
    Replies replies = call(Command.add(set, List.of(member)));
    RedisFailure failure = replies.failure(0);
    if (isWrongType(failure)) {
      call(Command.delete(set)).checked();
      call(Command.add(set, List.of(member))).checked();
    } else {
      replies.checked();
    }
  }

  private static List<String> names(Collection<Topic> topics) {
    return topics.stream().map(Topic::name).toList();
  }
}
