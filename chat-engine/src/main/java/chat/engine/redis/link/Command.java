package chat.engine.redis.link;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol;

/**
 * One command to Redis. The key, or the channel, decides which server of a Redis Cluster gets it;
 * the arguments are texts, bytes or numbers and follow the key. Immutable.
 */
public record Command(Protocol.Command verb, String key, List<?> arguments) {

  public static Command members(String set) {
    return new Command(Protocol.Command.SMEMBERS, set, List.of());
  }

  public static Command isMember(String set, String member) {
    return new Command(Protocol.Command.SISMEMBER, set, List.of(member));
  }

  public static Command add(String set, Collection<String> members) {
    return new Command(Protocol.Command.SADD, set, List.copyOf(members));
  }

  public static Command remove(String set, Collection<String> members) {
    return new Command(Protocol.Command.SREM, set, List.copyOf(members));
  }

  /** Writes a key that expires, whatever it held before. */
  public static Command set(String key, String value, long ttlMillis) {
    return new Command(Protocol.Command.SET, key, List.of(value, "PX", ttlMillis));
  }

  public static Command set(String key, String value) {
    return new Command(Protocol.Command.SET, key, List.of(value));
  }

  /** As {@link #set(String, String, long)}, but only if there is no such key. */
  public static Command setIfAbsent(String key, String value, long ttlMillis) {
    return new Command(Protocol.Command.SET, key, List.of(value, "NX", "PX", ttlMillis));
  }

  public static Command get(String key) {
    return new Command(Protocol.Command.GET, key, List.of());
  }

  public static Command exists(String key) {
    return new Command(Protocol.Command.EXISTS, key, List.of());
  }

  /**
   * The members that all the sets have; none if a set does not exist. Makes them the last that an
   * eviction by age removes.
   */
  public static Command intersection(List<String> sets) {
    return new Command(Protocol.Command.SINTER, sets.get(0), sets.subList(1, sets.size()));
  }

  /** Unlike a SET, Redis takes it even when it is out of memory. */
  public static Command expire(String key, long ttlMillis) {
    return new Command(Protocol.Command.PEXPIRE, key, List.of(ttlMillis));
  }

  public static Command timeToLive(String key) {
    return new Command(Protocol.Command.PTTL, key, List.of());
  }

  public static Command delete(String key) {
    return new Command(Protocol.Command.DEL, key, List.of());
  }

  /**
   * @param verb PUBLISH, or SPUBLISH in a Redis Cluster
   */
  public static Command publish(Protocol.Command verb, String channel, byte[] payload) {
    return new Command(verb, channel, List.of(payload));
  }

  public CommandArguments encoded() {
    CommandArguments encoded = new CommandArguments(verb).add(key);
    for (Object argument : arguments) {
      encoded.add(argument);
    }
    return encoded;
  }

  public static List<Command> list() {
    return new ArrayList<>();
  }
}
