package chat.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The JavaScript client and its types, held against the description of the WebSocket. */
final class ClientTypesTest {
  private static final String FOLDER = "/META-INF/resources/webjars/chat-engine/";

  /** What the types call the schemas of the description. */
  private static final Map<String, String> INTERFACES =
      Map.ofEntries(
          Map.entry("Message", "FoundMessage"),
          Map.entry("Announcement", "Announcement"),
          Map.entry("ReplyPreview", "ReplyPreview"),
          Map.entry("Preferences", "Preferences"),
          Map.entry("Member", "Member"),
          Map.entry("Invite", "ListedInvite"),
          Map.entry("Ban", "Ban"),
          Map.entry("Contact", "Contact"),
          Map.entry("ContactRequest", "ContactRequest"),
          Map.entry("Profile", "Profile"),
          Map.entry("Presence", "Presence"));

  /** What the client does itself: it makes no event of them. */
  private static final Set<String> OWN = Set.of("welcome", "resync");

  private final ApiDescriptions descriptions = new ApiDescriptions();
  private final String types = read("chat-client.d.ts");

  private static String read(String name) {
    try (InputStream in = ClientTypesTest.class.getResourceAsStream(FOLDER + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (java.io.IOException fault) {
      throw new java.io.UncheckedIOException(fault);
    }
  }

  @Test
  void theClientAsksEveryVerb() {
    String code =
        read("verbs.js")
            + read("chat-client.js")
            + read("stream.js")
            + read("questions.js")
            + read("outbox.js");
    assertThat(messages("_request"))
        .filteredOn(verb -> !verb.equals("rename_group")) // another name for update_group
        .allSatisfy(
            verb -> assertThat(code).containsPattern("(equest|ask|change)\\(\"" + verb + "\""));
  }

  @Test
  void theTypesHaveEveryEvent() {
    String events = body("ClientEvents");
    assertThat(messages("_event"))
        .filteredOn(event -> !OWN.contains(event))
        .allSatisfy(event -> assertThat(events).containsPattern("(?m)^  " + event + ": "));
  }

  @Test
  void theTypesHaveEveryField() {
    INTERFACES.forEach(
        (schema, type) -> {
          String fields = body(type);
          JsonNode described = descriptions.asyncapi().at("/components/schemas/" + schema);
          Set<String> required =
              described
                  .get("required")
                  .valueStream()
                  .map(JsonNode::asString)
                  .collect(Collectors.toSet());
          assertThat(described.get("properties").propertyNames())
              .as(type)
              .allSatisfy(
                  field ->
                      assertThat(fields)
                          .containsPattern(
                              "(?m)^  " + field + (required.contains(field) ? ": " : "\\??: ")));
        });
  }

  @Test
  void theTypesHaveEveryLimit() {
    JsonNode limits =
        descriptions
            .asyncapi()
            .at("/components/messages/welcome_event/payload/properties/limits/properties");
    assertThat(limits.propertyNames())
        .allSatisfy(limit -> assertThat(body("Limits")).contains("  " + limit + "?: number;"));
  }

  /** The fields of an interface and of those that it extends. */
  private String body(String type) {
    MatchResult found =
        Pattern.compile("(?ms)^export interface " + type + "(?: extends (\\w+))? \\{$(.*?)^\\}$")
            .matcher(types)
            .results()
            .findFirst()
            .orElseThrow(() -> new AssertionError("no interface " + type));
    return found.group(2) + (found.group(1) == null ? "" : body(found.group(1)));
  }

  private Set<String> messages(String kind) {
    return descriptions.asyncapi().at("/components/messages").propertyNames().stream()
        .filter(name -> name.endsWith(kind))
        .map(name -> name.substring(0, name.length() - kind.length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
