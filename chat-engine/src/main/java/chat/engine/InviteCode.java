package chat.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * A code with which any user can join a group: 32 characters of base64url (RFC 4648, section 5),
 * which are the id of the group in 8 bytes and a secret of 128 random bits. Immutable. A secret:
 * {@link #toString} does not show it, and no store keeps it.
 */
public record InviteCode(String value) {
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{32}");
  private static final int SECRET_BYTES = 16;

  /**
   * @throws ChatException {@link #unknown} if it cannot be a code
   */
  public InviteCode {
    if (!FORM.matcher(value).matches() || group(value) <= 0) {
      throw unknown();
    }
  }

  /**
   * @throws ChatException {@link #unknown} if it cannot be a code
   */
  public static InviteCode of(String value) {
    return new InviteCode(value);
  }

  /**
   * A new code.
   *
   * @param random that nobody can predict
   */
  public static InviteCode random(ConversationId group, RandomGenerator random) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    ByteBuffer code = ByteBuffer.allocate(Long.BYTES + SECRET_BYTES);
    code.putLong(group.value()).put(secret);
    return new InviteCode(Base64.getUrlEncoder().withoutPadding().encodeToString(code.array()));
  }

  /**
   * The single answer, {@code NOT_FOUND}, to all invalid codes: malformed, never given out,
   * expired, used up or revoked.
   */
  public static ChatException unknown() {
    return ChatException.notFound("there is no such invite, or it is over");
  }

  /** The group that the code is for, if it is one that was given out. */
  public ConversationId group() {
    return ConversationId.of(group(value));
  }

  public InviteId id() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.US_ASCII));
      return InviteId.of(Base64.getUrlEncoder().withoutPadding().encodeToString(hash));
    } catch (NoSuchAlgorithmException fault) {
      throw new IllegalStateException("every Java platform has SHA-256", fault);
    }
  }

  private static long group(String value) {
    byte[] decoded = Base64.getUrlDecoder().decode(value);
    return ByteBuffer.wrap(Arrays.copyOf(decoded, Long.BYTES)).getLong();
  }

  @Override
  public String toString() {
    return "invite code";
  }
}
