package chat.server.outgoing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The headers of a call that the receiver can check, as <a
 * href="https://www.standardwebhooks.com/">Standard Webhooks</a> has them: {@code webhook-id}, the
 * same with each attempt, {@code webhook-timestamp}, and {@code webhook-signature}, which is HMAC-
 * SHA-256 over the two and the body. Immutable.
 */
public final class WebhookSignature {
  private static final String PREFIX = "whsec_";
  private static final int LEAST_BYTES = 16;

  private final SecretKeySpec key;

  /**
   * @param secret Base64 behind {@code whsec_}, or any text of 16 bytes or more
   * @throws IllegalArgumentException if it is shorter, or no Base64 behind the prefix
   */
  public WebhookSignature(String secret) {
    byte[] bytes =
        secret.startsWith(PREFIX)
            ? Base64.getDecoder().decode(secret.substring(PREFIX.length()))
            : secret.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < LEAST_BYTES) {
      throw new IllegalArgumentException("a secret must have 16 bytes or more");
    }
    key = new SecretKeySpec(bytes, "HmacSHA256");
  }

  public Map<String, String> headers(String id, Instant now, byte[] body) {
    Map<String, String> headers = new LinkedHashMap<>();
    String time = Long.toString(now.getEpochSecond());
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", time);
    headers.put("webhook-signature", "v1," + sign(id + "." + time + ".", body));
    return headers;
  }

  private String sign(String begin, byte[] body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update(begin.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(mac.doFinal(body));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible); // every JVM has it
    }
  }
}
