package chat.engine.protocol;

import chat.engine.ChatException;
import chat.engine.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON objects from text and to bytes, and readers of their fields, with the limits that strangers'
 * input needs. What a reader refuses fails with {@code BAD_REQUEST} and names the field.
 * Thread-safe.
 */
public final class JsonObjects {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NUMBER_LENGTH = 128;
  private static final int USUAL_BYTES = 160;
  private static final double EXACT_DOUBLES = 1L << 53;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonObjects() {}

  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  /**
   * An object whose fields are written one by one, which spares the map of an {@link ObjectNode}.
   */
  static byte[] bytes(Consumer<JsonGenerator> fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(USUAL_BYTES);
    try (JsonGenerator json = MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      fields.accept(json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /**
   * @throws ChatException with {@code bad_request} for anything but one JSON object
   */
  public static ObjectNode parse(String text) {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException malformed) {
      throw ChatException.badRequest("this is no well-formed JSON of a reasonable depth");
    }
    throw ChatException.badRequest("a JSON object is expected");
  }

  static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** RFC 3339 in UTC, with milliseconds. */
  public static String time(Instant instant) {
    return TIME.format(instant);
  }

  public static String text(JsonNode object, String field) {
    return optionalText(object, field)
        .orElseThrow(() -> ChatException.badRequest(field + " is missing"));
  }

  public static Optional<String> optionalText(JsonNode object, String field) {
    JsonNode value = present(object, field);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw ChatException.badRequest(field + " must be a string");
    }
    return Optional.of(wellFormed(field, value.stringValue()));
  }

  /** JSON can hold what is no text in UTF-8, and no database takes. */
  private static String wellFormed(String field, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < value.length()
              && Character.isLowSurrogate(value.charAt(i + 1));
      if (pair) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        throw ChatException.badRequest(
            field
                + (c == 0
                    ? " has the character U+0000, which cannot be stored"
                    : " has a broken character, such as one half of an emoji"));
      }
    }
    return value;
  }

  public static long integer(JsonNode object, String field) {
    return optionalInteger(object, field)
        .orElseThrow(() -> ChatException.badRequest(field + " is missing"));
  }

  /** A whole number, which may be written with a fraction of zero or an exponent. */
  public static Optional<Long> optionalInteger(JsonNode object, String field) {
    JsonNode value = present(object, field);
    if (value == null) {
      return Optional.empty();
    }
    boolean whole =
        value.isFloatingPointNumber()
            ? isWhole(value.doubleValue())
            : value.isIntegralNumber() && value.canConvertToLong();
    if (!whole) {
      throw ChatException.badRequest(field + " must be a whole number");
    }
    return Optional.of(
        value.isFloatingPointNumber() ? (long) value.doubleValue() : value.longValue());
  }

  static long atLeast(long minimum, String field, long given) {
    if (given < minimum) {
      throw ChatException.badRequest(field + " must be at least " + minimum + ", and not " + given);
    }
    return given;
  }

  /** What a field says; if it is refused, the message begins with the name of the field. */
  public static <T> T of(String field, Supplier<T> parsed) {
    try {
      return parsed.get();
    } catch (ChatException refused) {
      String message = String.valueOf(refused.getMessage());
      if (refused.code() != ErrorCode.BAD_REQUEST || message.startsWith(field)) {
        throw refused;
      }
      throw ChatException.badRequest(field + ": " + message);
    }
  }

  /** A time in RFC 3339, with any offset. */
  public static Optional<Instant> optionalTime(JsonNode object, String field) {
    return optionalText(object, field)
        .map(
            text -> {
              try {
                return OffsetDateTime.parse(text).toInstant();
              } catch (DateTimeParseException malformed) {
                throw ChatException.badRequest(
                    field + " must be a time in RFC 3339, such as 2030-01-31T12:00:00.000Z");
              }
            });
  }

  public static boolean flag(JsonNode object, String field) {
    JsonNode value = present(object, field);
    if (value == null || !value.isBoolean()) {
      throw ChatException.badRequest(field + " must be true or false");
    }
    return value.booleanValue();
  }

  /** The strings of an array; none if the field is missing. */
  public static List<String> texts(JsonNode object, String field) {
    JsonNode value = present(object, field);
    List<String> texts = new ArrayList<>();
    if (value == null) {
      return texts;
    }
    if (!value.isArray()) {
      throw ChatException.badRequest(field + " must be an array of strings");
    }
    for (JsonNode element : value) {
      if (!element.isString()) {
        throw ChatException.badRequest(field + " must be an array of strings");
      }
      texts.add(wellFormed(field, element.stringValue()));
    }
    return texts;
  }

  /** What the strings of an array stand for, in its order; none if the field is missing. */
  static <T> List<T> parsedTexts(JsonNode object, String field, Function<String, T> parser) {
    List<String> texts = texts(object, field);
    return texts.isEmpty() ? List.of() : of(field, () -> texts.stream().map(parser).toList());
  }

  /**
   * An object for the application in its canonical form, which is the same for the same content:
   * keys sorted, fractions and exponents as doubles, and as integers where they are whole.
   *
   * @throws ChatException with {@code bad_request} for a number that no double holds
   */
  public static Optional<ObjectNode> optionalObject(JsonNode object, String field) {
    JsonNode value = present(object, field);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof ObjectNode given)) {
      throw ChatException.badRequest(field + " must be an object");
    }
    return Optional.of(canonicalObject(field, given));
  }

  private static ObjectNode canonicalObject(String field, ObjectNode given) {
    ObjectNode canonical = object();
    given.properties().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> canonical.set(entry.getKey(), canonical(field, entry.getValue())));
    return canonical;
  }

  private static JsonNode canonical(String field, JsonNode value) {
    if (value instanceof ObjectNode object) {
      return canonicalObject(field, object);
    }
    if (value instanceof ArrayNode array) {
      ArrayNode canonical = MAPPER.createArrayNode();
      array.forEach(element -> canonical.add(canonical(field, element)));
      return canonical;
    }
    if (value.isFloatingPointNumber()) {
      double number = value.doubleValue();
      if (!Double.isFinite(number)) {
        throw ChatException.badRequest(field + " has a number that is too large for a double");
      }
      return isWhole(number) ? LongNode.valueOf((long) number) : value;
    }
    return value;
  }

  /** Whether a double is a whole number, and no other one is the same double. */
  private static boolean isWhole(double number) {
    return number == Math.rint(number) && Math.abs(number) < EXACT_DOUBLES;
  }

  private static @Nullable JsonNode present(JsonNode object, String field) {
    JsonNode value = object.get(field);
    return value == null || value.isNull() ? null : value;
  }
}
