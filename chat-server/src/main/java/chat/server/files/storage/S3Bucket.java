package chat.server.files.storage;

import java.net.URI;

/**
 * A bucket of a store that understands S3, and the key that opens it. Immutable.
 *
 * @param endpoint scheme, host and port
 * @param pathStyle whether the bucket's name is the first part of the path; otherwise it is the
 *     first part of the host's name
 */
public record S3Bucket(
    URI endpoint,
    String region,
    String name,
    boolean pathStyle,
    String accessKey,
    String secretKey) {

  /** The address of an object. */
  URI object(String key) {
    String host = endpoint.getHost() + (endpoint.getPort() < 0 ? "" : ":" + endpoint.getPort());
    return URI.create(
        endpoint.getScheme()
            + "://"
            + (pathStyle ? host + "/" + name : name + "." + host)
            + "/"
            + StorageKeys.require(key));
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "the bucket %s at %s".formatted(name, endpoint);
  }
}
