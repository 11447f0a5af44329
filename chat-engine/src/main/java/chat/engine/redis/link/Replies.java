package chat.engine.redis.link;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The replies to the commands of one round trip, in their order. A command that Redis refused has a
 * {@link RedisFailure} for a reply, which every method that reads the reply throws. Immutable.
 */
public record Replies(List<@Nullable Object> raw) {

  public @Nullable RedisFailure failure(int index) {
    return raw.get(index) instanceof RedisFailure refused ? refused : null;
  }

  /**
   * @throws RedisFailure the first refusal, if there is one
   */
  public Replies checked() {
    for (int i = 0; i < raw.size(); i++) {
      value(i);
    }
    return this;
  }

  /** Of a command that answers with a number. */
  public long number(int index) {
    Object value = value(index);
    if (value instanceof Long number) {
      return number;
    }
    throw unexpected(value);
  }

  /** Of a command that answers with a text or with nothing. */
  public @Nullable String text(int index) {
    Object value = value(index);
    if (value == null) {
      return null;
    }
    if (value instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    throw unexpected(value);
  }

  /** Of a command that answers with the members of a set. */
  public Set<String> texts(int index) {
    Object value = value(index);
    if (!(value instanceof List<?> list)) {
      throw unexpected(value);
    }
    Set<String> texts = new LinkedHashSet<>(list.size() * 2);
    for (Object element : list) {
      if (!(element instanceof byte[] bytes)) {
        throw unexpected(element);
      }
      texts.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return texts;
  }

  private @Nullable Object value(int index) {
    Object value = raw.get(index);
    if (value instanceof RedisFailure refused) {
      throw refused;
    }
    return value;
  }

  private static RedisFailure unexpected(@Nullable Object value) {
    return RedisFailure.refused("an unexpected reply: " + value);
  }
}
