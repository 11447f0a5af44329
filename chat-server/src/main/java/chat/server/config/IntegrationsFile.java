package chat.server.config;

import chat.engine.ChatException;
import chat.engine.protocol.JsonObjects;
import chat.server.outgoing.WebhookSignature;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The file that {@code --integrations} names: a JSON object with a list of entries for each kind of
 * integration. What it does not know it refuses, so that a misspelt field is not lost. Immutable.
 */
public final class IntegrationsFile {
  private static final Set<String> SECTIONS = Set.of("bots", "webhooks", "moderation", "push");

  private final String name;
  private final ObjectNode content;
  private final Map<String, String> environment;

  private IntegrationsFile(String name, ObjectNode content, Map<String, String> environment) {
    this.name = name;
    this.content = content;
    this.environment = environment;
  }

  /**
   * @param file null for none: then there are no entries
   * @param environment where secrets may be
   * @throws IOException if the file cannot be read or is no JSON object
   */
  public static IntegrationsFile read(@Nullable Path file, Map<String, String> environment)
      throws IOException {
    if (file == null) {
      return new IntegrationsFile("", JsonObjects.object(), environment);
    }
    String name = "The file " + file + " given as --integrations";
    ObjectNode content;
    try {
      content = JsonObjects.parse(Files.readString(file));
    } catch (ChatException broken) {
      throw new IOException(name + " is no JSON object: " + broken.getMessage(), broken);
    } catch (IOException unreadable) {
      throw new IOException(name + " cannot be read: " + unreadable, unreadable);
    }
    Set<String> unknown = new TreeSet<>(content.propertyNames());
    unknown.removeAll(SECTIONS);
    if (!unknown.isEmpty()) {
      throw new IOException(name + " has unknown parts: " + String.join(", ", unknown));
    }
    return new IntegrationsFile(name, content, environment);
  }

  /**
   * The entries of a section, none if it is not there. A section with one entry may be the entry
   * itself.
   */
  public List<Entry> entries(String section) {
    JsonNode list = content.path(section);
    List<Entry> entries = new ArrayList<>();
    if (list.isObject()) {
      entries.add(new Entry(section, (ObjectNode) list));
    } else if (list.isArray()) {
      for (JsonNode one : list) {
        if (!(one instanceof ObjectNode object)) {
          throw new IllegalArgumentException(name + ": each of " + section + " must be an object");
        }
        entries.add(new Entry(section + "[" + entries.size() + "]", object));
      }
    } else if (!list.isMissingNode()) {
      throw new IllegalArgumentException(name + ": " + section + " must be a list");
    }
    return entries;
  }

  /**
   * One integration. What is wrong with it is an {@code IllegalArgumentException} with a sentence.
   */
  public final class Entry {
    private final String place;
    private final ObjectNode json;

    Entry(String place, ObjectNode json) {
      this.place = place;
      this.json = json;
    }

    public ObjectNode json() {
      return json;
    }

    public IllegalArgumentException wrong(String what) {
      return new IllegalArgumentException(name + ", " + place + ": " + what);
    }

    /** Reads the entry, which may have these fields. */
    public <T> T read(Set<String> fields, Supplier<T> reading) {
      Set<String> unknown = new TreeSet<>(json.propertyNames());
      unknown.removeAll(fields);
      if (!unknown.isEmpty()) {
        throw wrong("there is no " + String.join(", ", unknown));
      }
      try {
        return reading.get();
      } catch (ChatException refusal) {
        throw wrong(String.valueOf(refusal.getMessage()));
      }
    }

    public boolean has(String field) {
      return json.hasNonNull(field);
    }

    public String text(String field) {
      return JsonObjects.text(json, field);
    }

    public @Nullable String optionalText(String field) {
      return JsonObjects.optionalText(json, field).orElse(null);
    }

    public URI url(String field) {
      try {
        URI url = URI.create(text(field));
        if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
            && url.getHost() != null
            && url.getUserInfo() == null) {
          return url;
        }
      } catch (IllegalArgumentException broken) {
        throw wrong(field + " must be an http or https address");
      }
      throw wrong(field + " must be an http or https address, without a user");
    }

    /**
     * What {@code secret} says, or the variable that {@code secret_env} names; null for neither.
     */
    public @Nullable String secret() {
      String variable = optionalText("secret_env");
      if (variable == null) {
        return optionalText("secret");
      }
      String value = environment.get(variable);
      if (value == null) {
        throw wrong("the environment has no " + variable);
      }
      return value;
    }

    public String requiredSecret() {
      String secret = secret();
      if (secret == null) {
        throw wrong("secret or secret_env is missing");
      }
      return secret;
    }

    /** By the secret that the entry must have. */
    public WebhookSignature signature() {
      String secret = requiredSecret();
      try {
        return new WebhookSignature(secret);
      } catch (IllegalArgumentException broken) {
        throw wrong(String.valueOf(broken.getMessage()));
      }
    }

    public int number(String field, int otherwise, int least, int most) {
      long value = JsonObjects.optionalInteger(json, field).orElse((long) otherwise);
      if (value < least || value > most) {
        throw wrong(field + " must be from " + least + " to " + most + ", not " + value);
      }
      return (int) value;
    }

    public double decimal(String field, double least, double most) {
      JsonNode value = json.path(field);
      if (!value.isNumber() || value.doubleValue() < least || value.doubleValue() > most) {
        throw wrong(field + " must be a number from " + least + " to " + most);
      }
      return value.doubleValue();
    }

    public <E extends Enum<E>> E choice(String field, Class<E> of) {
      String value = text(field);
      return Arrays.stream(of.getEnumConstants())
          .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(value))
          .findFirst()
          .orElseThrow(
              () ->
                  wrong(
                      field
                          + " must be one of "
                          + Arrays.toString(of.getEnumConstants()).toLowerCase(Locale.ROOT)));
    }
  }
}
