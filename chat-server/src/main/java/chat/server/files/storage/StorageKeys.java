package chat.server.files.storage;

import java.util.regex.Pattern;

/** Keys of files, which must lead nowhere else in a storage. */
final class StorageKeys {
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{2}[A-Za-z0-9_.-]*");

  private StorageKeys() {}

  /**
   * The key itself.
   *
   * @throws IllegalArgumentException if it is none
   */
  static String require(String key) {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException("no key of a file: " + key);
    }
    return key;
  }
}
