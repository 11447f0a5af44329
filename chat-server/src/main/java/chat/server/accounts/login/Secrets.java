package chat.server.accounts.login;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/** Random tokens, and the hash under which the database knows them. Thread-safe. */
public final class Secrets {
  private static final int TOKEN_BYTES = 32;

  private final SecureRandom random = new SecureRandom();

  public String token() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes());
  }

  byte[] bytes() {
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    return bytes;
  }

  public static byte[] hash(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-256", impossible);
    }
  }
}
