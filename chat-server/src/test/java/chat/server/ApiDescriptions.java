package chat.server;

import chat.engine.ChatException;
import chat.engine.protocol.JsonObjects;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The descriptions that the server publishes, held against what it really says: a field that is not
 * described, is missing or has another type fails, and so does a request that the server took
 * although it should not be taken. Thread-safe.
 */
public final class ApiDescriptions {
  private static final String OK = "ok";
  private static final String ERROR = "error";

  private final JsonNode openapi = read("openapi.yaml");
  private final JsonNode asyncapi = read("asyncapi.yaml");
  private final Map<JsonNode, Schema> schemas = new ConcurrentHashMap<>();
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  // OpenAPI 3.1 and AsyncAPI 3.0 name these as their dialects
  private final SchemaRegistry restDialect = registry(SpecificationVersion.DRAFT_2020_12);
  private final SchemaRegistry socketDialect = registry(SpecificationVersion.DRAFT_7);

  private static JsonNode read(String name) {
    try (InputStream in = ApiDescriptions.class.getResourceAsStream("/chat/server/docs/" + name)) {
      return new YAMLMapper().readTree(in);
    } catch (java.io.IOException fault) {
      throw new UncheckedIOException(fault);
    }
  }

  private static SchemaRegistry registry(SpecificationVersion version) {
    SchemaRegistryConfig config =
        SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build();
    return SchemaRegistry.withDefaultDialect(
        version, builder -> builder.schemaRegistryConfig(config));
  }

  public JsonNode openapi() {
    return openapi;
  }

  public JsonNode asyncapi() {
    return asyncapi;
  }

  /** What was checked: {@code login 201}, {@code sync_reply}, {@code message_event} and so on. */
  Set<String> seen() {
    return new TreeSet<>(seen);
  }

  // ---- REST

  /**
   * @param contentType without parameters
   * @throws AssertionError if the answer is not what the description says
   */
  void checkAnswer(
      String method, String target, String sent, int status, String contentType, String answer) {
    String path = target.replaceFirst("\\?.*", "").replaceFirst("(.)/$", "$1");
    String call = method + " " + target + " " + status;
    JsonNode methods = openapi.path("paths").path(path);
    if (!methods.has(method.toLowerCase(java.util.Locale.ROOT))) {
      methods = withParameters(path, method.toLowerCase(java.util.Locale.ROOT), methods);
    }
    if (!methods.has(method.toLowerCase(java.util.Locale.ROOT))) {
      String code = methods.isMissingNode() ? "not_found" : "method_not_allowed";
      check(call, faults(restSchema("Error"), JsonObjects.parse(answer)));
      check(call, code.equals(code(answer)) ? List.of() : List.of(answer));
      return;
    }
    JsonNode operation = methods.get(method.toLowerCase(java.util.Locale.ROOT));
    JsonNode response = resolved(operation.path("responses").path(Integer.toString(status)));
    JsonNode content = response.path("content").path(contentType);
    if (content.isMissingNode()) {
      content = response.path("content").path("*/*");
    }
    if (content.isMissingNode()) {
      throw new AssertionError(call + " as " + contentType + " is not described: " + answer);
    }
    if (contentType.equals("application/json")) {
      check(call, faults(restSchema(content.get("schema")), JsonObjects.parse(answer)));
    }
    JsonNode body = operation.at("/requestBody/content/application~1json/schema");
    if (status < 300 && !body.isMissingNode()) {
      check("the body of " + call, faults(restSchema(body), JsonObjects.parse(sent)));
    }
    seen.add(operation.get("operationId").asString() + " " + status);
  }

  /** The described path with parameters that this is one of, and that takes the method. */
  private JsonNode withParameters(String path, String method, JsonNode found) {
    return openapi.get("paths").properties().stream()
        .filter(one -> one.getKey().contains("{"))
        .filter(one -> path.matches(one.getKey().replaceAll("\\{[^}]*\\}", "[^/]+")))
        .map(Map.Entry::getValue)
        .filter(one -> one.has(method))
        .findFirst()
        .orElse(found);
  }

  private static String code(String answer) {
    return JsonObjects.parse(answer).at("/error/code").asString("");
  }

  JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? openapi.at(node.get("$ref").asString().substring(1)) : node;
  }

  private Schema restSchema(String name) {
    return restSchema(openapi.at("/components/schemas/" + name));
  }

  Schema restSchema(JsonNode schema) {
    return schema(restDialect, openapi, schema);
  }

  // ---- WebSocket

  /** What goes to and fro on one connection. */
  final class Dialogue {
    private final Map<String, ObjectNode> unanswered = new ConcurrentHashMap<>();
    private final Set<ObjectNode> withoutId = ConcurrentHashMap.newKeySet();
    private volatile boolean welcomed;

    void sent(String text) {
      ObjectNode request;
      try {
        request = JsonObjects.parse(text);
      } catch (ChatException malformed) {
        return; // will be refused
      }
      if (request.path("id").isString()) {
        unanswered.put(request.get("id").asString(), request);
      } else {
        withoutId.add(request);
      }
    }

    /**
     * @throws AssertionError if the frame is not what the description says
     */
    void received(ObjectNode frame) {
      String type = frame.path("type").asString("");
      if (!welcomed && !type.equals("welcome")) {
        throw new AssertionError("before the welcome came " + frame);
      }
      welcomed = true;
      switch (type) {
        case OK -> checkReply(frame);
        case ERROR -> {
          checkMessage("error_reply", frame);
          if (frame.has("id")) {
            request(frame);
          }
        }
        default -> checkMessage(type + "_event", frame);
      }
    }

    private ObjectNode request(ObjectNode reply) {
      ObjectNode request = unanswered.remove(reply.get("id").asString());
      if (request == null) {
        throw new AssertionError("a reply to nothing: " + reply);
      }
      return request;
    }

    private void checkReply(ObjectNode reply) {
      if (reply.has("id")) {
        checkReply(request(reply), reply);
        return;
      }
      boolean fits =
          withoutId.stream()
              .map(request -> replyTo(request.path("type").asString("")))
              .anyMatch(name -> faults(message(name), reply).isEmpty());
      check("a reply without id", fits ? List.of() : List.of(reply.toString()));
    }

    private void checkReply(ObjectNode request, ObjectNode reply) {
      String type = request.path("type").asString("");
      checkMessage(type + "_request", request);
      checkMessage(replyTo(type), reply);
    }
  }

  Dialogue dialogue() {
    return new Dialogue();
  }

  private String replyTo(String type) {
    for (JsonNode reference : asyncapi.at("/operations/" + type + "/reply/messages")) {
      String name = reference.get("$ref").asString().replaceFirst(".*/", "");
      if (!name.equals("error_reply")) {
        return name;
      }
    }
    throw new AssertionError("the request " + type + " is not described");
  }

  private Schema message(String name) {
    JsonNode payload = asyncapi.at("/components/messages/" + name + "/payload");
    if (payload.isMissingNode()) {
      throw new AssertionError(name + " is not described");
    }
    return schema(socketDialect, asyncapi, payload);
  }

  /**
   * @param name of a message in the description of the WebSocket
   * @throws AssertionError if the frame does not fit it
   */
  public void checkMessage(String name, JsonNode frame) {
    check(name, faults(message(name), frame));
    seen.add(name);
  }

  /** What a frame has that the description of its message does not allow. */
  List<String> socketFaults(String name, JsonNode frame) {
    return faults(message(name), frame);
  }

  // ---- schemas

  /** A schema that can be used alone: what it refers to lies in the document's components. */
  private Schema schema(SchemaRegistry dialect, JsonNode document, JsonNode schema) {
    return schemas.computeIfAbsent(
        schema,
        node -> {
          ObjectNode alone = JsonObjects.object();
          node.properties().forEach(field -> alone.set(field.getKey(), field.getValue()));
          alone.set("components", document.get("components"));
          return dialect.getSchema(alone);
        });
  }

  static List<String> faults(Schema schema, JsonNode value) {
    return schema.validate(value).stream()
        .map(Error::toString)
        .map(fault -> fault + " in " + value)
        .collect(Collectors.toList());
  }

  private static void check(String what, List<String> faults) {
    if (!faults.isEmpty()) {
      throw new AssertionError(what + " is not as described: " + faults);
    }
  }

  /** The examples of the REST description that do not fit it, by what they are an example of. */
  Map<String, List<String>> brokenRestExamples() {
    Map<String, List<String>> broken = new HashMap<>();
    openapi
        .findParents("example")
        .forEach(
            media -> {
              List<String> faults =
                  media.get("schema").path("type").asString("").equals("string")
                      ? List.of()
                      : faults(restSchema(media.get("schema")), media.get("example"));
              if (!faults.isEmpty()) {
                broken.put(media.get("example").toString(), faults);
              }
            });
    return broken;
  }
}
