package chat.engine.postgres.router;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What the nodes of a cluster share in PostgreSQL. The cluster in the table is {@code
 * <namespace>:<cluster>}; the channel of a node is {@code <namespace>:<hash of the cluster>:<node
 * id>}, because PostgreSQL allows 63 bytes.
 *
 * @param cluster as in the table
 * @param channels how the names of all channels begin
 */
record Names(String cluster, String channels) {
  private static final int HASH_BYTES = 6;

  static Names of(String namespace, String cluster) {
    return new Names(
        namespace + ":" + cluster, requireNamespace(namespace) + ":" + hash(cluster) + ":");
  }

  static String requireNamespace(String namespace) {
    if (!namespace.matches("[A-Za-z0-9_.-]{1,24}")) {
      throw new IllegalArgumentException(
          "a namespace has 1 to 24 letters, digits, dots, dashes and underscores, not: "
              + namespace);
    }
    return namespace;
  }

  private static String hash(String cluster) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(cluster.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }

  String channel(long nodeId) {
    return channels + Long.toHexString(nodeId);
  }
}
