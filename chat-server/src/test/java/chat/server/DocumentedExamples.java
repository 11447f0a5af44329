package chat.server;

import chat.engine.protocol.JsonObjects;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The examples of requests in the descriptions, with ids that the server has given. */
final class DocumentedExamples {
  /** What the examples call a direct conversation and a group. */
  static final String DIRECT = "647721255406927872";

  static final String GROUP = "647721254970720256";

  private final ApiDescriptions descriptions;
  private final Map<String, String> conversations = new HashMap<>();

  /**
   * @param target path and query
   * @param body empty if there is none
   */
  record Call(String method, String target, String body) {}

  DocumentedExamples(ApiDescriptions descriptions) {
    this.descriptions = descriptions;
  }

  /** What a conversation of the examples is called here. */
  void call(String example, String conversationId) {
    conversations.put(example, conversationId);
  }

  private String here(String example) {
    String text = example;
    for (Map.Entry<String, String> one : conversations.entrySet()) {
      text = text.replace(one.getKey(), one.getValue());
    }
    return text;
  }

  Set<String> operations() {
    Set<String> all = new TreeSet<>();
    for (JsonNode path : descriptions.openapi().get("paths")) {
      path.forEach(operation -> all.add(operation.get("operationId").asString()));
    }
    return all;
  }

  /**
   * @param ids by the names of the parameters and fields that they take the place of
   */
  Call call(String operationId, Map<String, String> ids) {
    for (Map.Entry<String, JsonNode> path : descriptions.openapi().get("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (method.getValue().get("operationId").asString().equals(operationId)) {
          return new Call(
              method.getKey().toUpperCase(Locale.ROOT),
              target(path.getKey(), method.getValue(), ids),
              body(method.getValue(), ids));
        }
      }
    }
    throw new AssertionError(operationId + " is not described");
  }

  private String target(String path, JsonNode operation, Map<String, String> ids) {
    String target = path;
    List<String> query = new ArrayList<>();
    for (JsonNode reference : operation.path("parameters")) {
      JsonNode parameter = descriptions.resolved(reference);
      String name = parameter.get("name").asString();
      String example = here(parameter.path("example").asString(""));
      String value = URLEncoder.encode(ids.getOrDefault(name, example), StandardCharsets.UTF_8);
      if (parameter.get("in").asString().equals("path")) {
        target = target.replace("{" + name + "}", value);
      } else if (!value.isEmpty()) {
        query.add(name + "=" + value);
      }
    }
    return target + (query.isEmpty() ? "" : "?" + String.join("&", query));
  }

  private String body(JsonNode operation, Map<String, String> ids) {
    JsonNode content = operation.at("/requestBody/content/application~1json");
    if (content.isMissingNode()) {
      return "";
    }
    ObjectNode example = JsonObjects.parse(here(content.get("example").toString()));
    ids.forEach(
        (name, id) -> {
          if (example.has(name)) {
            example.put(name, id);
          }
        });
    return example.toString();
  }

  /** The types of requests of the WebSocket. */
  Set<String> requests() {
    return descriptions.asyncapi().at("/components/messages").propertyNames().stream()
        .filter(name -> name.endsWith("_request"))
        .map(name -> name.replaceFirst("_request$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** All examples of a request of the WebSocket. */
  List<ObjectNode> requests(String type) {
    return descriptions
        .asyncapi()
        .at("/components/messages/" + type + "_request/examples")
        .valueStream()
        .map(example -> JsonObjects.parse(here(example.get("payload").toString())))
        .toList();
  }
}
