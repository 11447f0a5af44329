package chat.server.accounts.login;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Refresh tokens: the login, 32 bytes that nobody can guess, and a signature over both. The
 * signature tells a token that was replaced long ago, whose use must end the login, from one that
 * somebody made up, which must not. The successor of a token follows from it and the key, so that
 * who asks twice gets the same answer, although only hashes are stored. Thread-safe; does not
 * block.
 */
final class RefreshTokens {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int LOGIN_BYTES = 16;
  private static final int UNGUESSABLE_BYTES = 32;
  private static final int TAG_BYTES = 16;
  private static final int SIGNED_BYTES = LOGIN_BYTES + UNGUESSABLE_BYTES;

  private final SecretKeySpec key;
  private final Secrets secrets = new Secrets();

  /**
   * @param secret may serve other purposes too: what is signed here says what it is for
   */
  RefreshTokens(byte[] secret) {
    key = new SecretKeySpec(secret, ALGORITHM);
  }

  /** The first token of a login. */
  String issue(UUID login) {
    return signed(login, secrets.bytes());
  }

  /** What a token is exchanged for. */
  String successor(UUID login, String token) {
    return signed(login, mac("successor", token.getBytes(StandardCharsets.UTF_8)));
  }

  private String signed(UUID login, byte[] unguessable) {
    ByteBuffer token =
        ByteBuffer.allocate(SIGNED_BYTES + TAG_BYTES)
            .putLong(login.getMostSignificantBits())
            .putLong(login.getLeastSignificantBits())
            .put(unguessable);
    token.put(tag(Arrays.copyOf(token.array(), SIGNED_BYTES)));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(token.array());
  }

  /** The login that a token was once issued for; empty if it was not issued with this key. */
  Optional<UUID> login(String token) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException noToken) {
      return Optional.empty();
    }
    if (bytes.length != SIGNED_BYTES + TAG_BYTES) {
      return Optional.empty();
    }
    byte[] tag = Arrays.copyOfRange(bytes, SIGNED_BYTES, bytes.length);
    if (!MessageDigest.isEqual(tag, tag(Arrays.copyOf(bytes, SIGNED_BYTES)))) {
      return Optional.empty();
    }
    ByteBuffer signed = ByteBuffer.wrap(bytes);
    return Optional.of(new UUID(signed.getLong(), signed.getLong()));
  }

  private byte[] tag(byte[] signed) {
    return Arrays.copyOf(mac("refresh token", signed), TAG_BYTES);
  }

  private byte[] mac(String purpose, byte[] message) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(purpose.getBytes(StandardCharsets.US_ASCII));
      return mac.doFinal(message);
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException("every JVM has HmacSHA256", impossible);
    }
  }
}
