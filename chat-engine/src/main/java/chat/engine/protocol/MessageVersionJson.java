package chat.engine.protocol;

import chat.engine.MessageVersion;
import tools.jackson.databind.node.ObjectNode;

/** What a message says, or said before, as JSON of the protocol. Stateless. */
public final class MessageVersionJson {
  private MessageVersionJson() {}

  /** {@code version}, {@code text}, {@code attributes}, {@code written_at}. */
  public static ObjectNode write(ObjectNode into, MessageVersion version) {
    into.put("version", version.number()).put("text", version.text());
    String attributes = version.attributes();
    if (attributes != null) {
      into.set("attributes", WireJson.attributes(attributes));
    }
    return into.put("written_at", JsonObjects.time(version.writtenAt()));
  }
}
