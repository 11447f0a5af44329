package chat.engine;

import java.util.regex.Pattern;

/**
 * Names an invite of a group, but cannot be used for joining: the SHA-256 of its {@link
 * InviteCode}, 43 characters of base64url. A store keeps only this of the code. Immutable.
 */
public record InviteId(String value) implements Comparable<InviteId> {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{43}");

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the text has another form
   */
  public InviteId {
    if (!FORM.matcher(value).matches()) {
      throw ChatException.badRequest("invite id must be 43 characters of base64url");
    }
  }

  public static InviteId of(String value) {
    return new InviteId(value);
  }

  @Override
  public int compareTo(InviteId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
