package chat.engine.examples.faultcheck.outside;

import com.sun.net.httpserver.Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Checks calls as <a href="https://www.standardwebhooks.com/">Standard Webhooks</a> tells their
 * receivers to; on purpose not with the code of the server. Stateless.
 */
final class Signature {
  /** The secret of all integrations of this program. */
  static final String SECRET = "the outside world keeps this secret";

  private static final long TOLERANCE_SECONDS = 300;

  private Signature() {}

  /** Whether the call has this id, a time near now, and the signature that belongs to both. */
  static boolean isRight(Headers headers, String id, byte[] body) {
    String time = String.valueOf(headers.getFirst("webhook-timestamp"));
    if (!id.equals(headers.getFirst("webhook-id"))
        || !time.matches("\\d{1,12}")
        || Math.abs(Long.parseLong(time) - Instant.now().getEpochSecond()) > TOLERANCE_SECONDS) {
      return false;
    }
    ByteArrayOutputStream signed = new ByteArrayOutputStream();
    signed.writeBytes((id + "." + time + ".").getBytes(StandardCharsets.UTF_8));
    signed.writeBytes(body);
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      String expected = Base64.getEncoder().encodeToString(mac.doFinal(signed.toByteArray()));
      return ("v1," + expected).equals(headers.getFirst("webhook-signature"));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible); // every JVM has it
    }
  }
}
