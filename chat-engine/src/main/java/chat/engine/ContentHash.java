package chat.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Tells a retry from another message under the same client message id: the first 64 bits of a
 * SHA-256 (FIPS 180-4).
 */
final class ContentHash {
  private ContentHash() {}

  static long of(NewMessage message) {
    MessageDigest digest = sha256();
    add(digest, message.text());
    add(digest, message.replyTo() == null ? "" : message.replyTo().toString());
    for (UserId mentioned : message.mentions()) {
      add(digest, mentioned.value());
    }
    digest.update((byte) 0);
    String attributes = message.attributes();
    add(digest, attributes == null ? "" : attributes);
    ForwardOf forwardOf = message.forwardOf();
    if (forwardOf != null) { // so that the hashes of all other messages are those of old
      add(digest, forwardOf.conversation() + "/" + forwardOf.seq());
    }
    for (FileId file : message.attachments()) { // an id has no "/", as all that is forwarded has
      add(digest, file.value());
    }
    return ByteBuffer.wrap(digest.digest()).getLong();
  }

  private static void add(MessageDigest digest, String part) {
    // A valid text has no NUL, so it separates the parts without doubt.
    digest.update(part.getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }
}
