package chat.engine.examples.faultcheck.history;

import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A line of text for each record of a history: its name and its components, with tabs between them.
 * Stateless.
 */
final class LineCodec {
  private static final Map<String, Class<?>> KINDS = new HashMap<>();

  static {
    Stream.of(Event.class, Fact.class)
        .flatMap(family -> Arrays.stream(family.getDeclaredClasses()))
        .filter(Class::isRecord)
        .forEach(kind -> KINDS.put(kind.getSimpleName(), kind));
  }

  private LineCodec() {}

  static String encode(Line line) {
    try {
      StringBuilder text = new StringBuilder(line.getClass().getSimpleName());
      for (RecordComponent component : line.getClass().getRecordComponents()) {
        Object value = component.getAccessor().invoke(line);
        text.append('\t');
        if (value instanceof List<?> items) {
          text.append(items.stream().map(String::valueOf).collect(Collectors.joining(",")));
        } else {
          text.append(String.valueOf(value).replace('\t', ' ').replace('\n', ' '));
        }
      }
      return text.toString();
    } catch (ReflectiveOperationException fault) {
      throw new IllegalStateException(fault);
    }
  }

  static Line decode(String text) {
    String[] words = text.split("\t", -1);
    Class<?> kind = KINDS.get(words[0]);
    if (kind == null) {
      throw new IllegalArgumentException("a history has no lines of this kind: " + words[0]);
    }
    RecordComponent[] components = kind.getRecordComponents();
    if (words.length != components.length + 1) {
      throw new IllegalArgumentException("not a line of a history: " + text);
    }
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(types[i], words[i + 1]);
    }
    try {
      Constructor<?> constructor = kind.getDeclaredConstructor(types);
      return (Line) constructor.newInstance(values);
    } catch (ReflectiveOperationException fault) {
      throw new IllegalArgumentException("not a line of a history: " + text, fault);
    }
  }

  private static Object value(Class<?> type, String word) {
    if (type == long.class) {
      return Long.parseLong(word);
    } else if (type == int.class) {
      return Integer.parseInt(word);
    } else if (type == boolean.class) {
      return Boolean.parseBoolean(word);
    } else if (type == List.class) {
      return word.isEmpty() ? List.of() : List.of(word.split(",", -1));
    } else if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(constant -> ((Enum<?>) constant).name().equals(word))
          .findFirst()
          .orElseThrow(
              () -> new IllegalArgumentException("no " + type.getSimpleName() + ": " + word));
    }
    return word;
  }
}
