package chat.engine.protocol;

import chat.engine.Emoji;
import chat.engine.Member;
import chat.engine.UserId;
import chat.engine.UserRecord;
import java.util.Arrays;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is stored of a user as JSON Lines: an object on each line, with a {@code type}.
 *
 * <ul>
 *   <li>{@code profile}: {@code username}, {@code display_name}, {@code avatar_url}, {@code
 *       privacy}, {@code last_seen_at}; the first line
 *   <li>{@code blocks}: {@code username} of a user who is blocked
 *   <li>{@code conversation}: {@code conversation_id}, {@code kind}, {@code peer}, and for members
 *       {@code name}, {@code role}, {@code joined_at}, {@code read_seq}, {@code received_seq},
 *       {@code silenced_until} of those who are silenced, {@code preferences}; its messages follow
 *   <li>{@code message}: as in the protocol
 *   <li>{@code message_version}: {@code conversation_id}, {@code seq}, {@code version}, {@code
 *       text}, {@code attributes}, {@code written_at}: what the message before it said before an
 *       edit
 *   <li>{@code reaction}: {@code conversation_id}, {@code seq}, {@code emojis}
 *   <li>{@code report}: {@code conversation_id}, {@code seq}, {@code reason}, {@code reported_at}
 * </ul>
 *
 * <p>Thread-safe; stateless.
 */
public final class UserRecordJson {
  private static final byte[] LINE_FEED = {'\n'};

  private UserRecordJson() {}

  /** The record as a line, with its line feed, in UTF-8. */
  public static byte[] line(UserId user, UserRecord record) {
    byte[] json = JsonObjects.bytes(object(user, record));
    byte[] line = Arrays.copyOf(json, json.length + LINE_FEED.length);
    line[json.length] = LINE_FEED[0];
    return line;
  }

  /**
   * @param user whose record it is
   */
  public static ObjectNode object(UserId user, UserRecord record) {
    if (record instanceof UserRecord.Person person) {
      ObjectNode json = ProfileJson.write(WireJson.typed("profile"), person.profile());
      WireJson.privacy(json.putObject("privacy"), person.privacy());
      return person.lastSeenAt() == null
          ? json
          : json.put("last_seen_at", JsonObjects.time(person.lastSeenAt()));
    }
    if (record instanceof UserRecord.Blocks blocks) {
      return WireJson.typed("blocks").put("username", blocks.other().value());
    }
    if (record instanceof UserRecord.InConversation in) {
      return conversation(user, in);
    }
    if (record instanceof UserRecord.Wrote wrote) {
      return WireJson.message(WireJson.typed("message"), wrote.message());
    }
    if (record instanceof UserRecord.WroteBefore before) {
      ObjectNode json =
          WireJson.typed("message_version")
              .put("conversation_id", before.conversation().toString())
              .put("seq", before.seq());
      return MessageVersionJson.write(json, before.version());
    }
    if (record instanceof UserRecord.Reported reported) {
      return WireJson.typed("report")
          .put("conversation_id", reported.conversation().toString())
          .put("seq", reported.seq())
          .put("reason", reported.reason())
          .put("reported_at", JsonObjects.time(reported.at()));
    }
    UserRecord.Reacted reacted = (UserRecord.Reacted) record;
    ObjectNode json =
        WireJson.typed("reaction")
            .put("conversation_id", reacted.conversation().toString())
            .put("seq", reacted.seq());
    ArrayNode emojis = json.putArray("emojis");
    reacted.emojis().stream().map(Emoji::value).sorted().forEach(emojis::add);
    return json;
  }

  private static ObjectNode conversation(UserId user, UserRecord.InConversation in) {
    ObjectNode json =
        WireJson.typed("conversation")
            .put("conversation_id", in.conversation().id().toString())
            .put("kind", in.conversation().kind().name().toLowerCase(Locale.ROOT));
    String name = in.conversation().name();
    if (name != null && !name.isEmpty()) {
      json.put("name", name);
    }
    in.conversation().peerOf(user).ifPresent(peer -> json.put("peer", peer.value()));
    Member member = in.member();
    if (member != null) {
      json.put("role", member.role().name().toLowerCase(Locale.ROOT))
          .put("joined_at", JsonObjects.time(member.joinedAt()))
          .put("read_seq", member.readSeq())
          .put("received_seq", member.receivedSeq());
      if (member.silencedUntil() != null) {
        json.put("silenced_until", JsonObjects.time(member.silencedUntil()));
      }
      PreferencesJson.write(json.putObject("preferences"), in.preferences());
    }
    return json;
  }
}
