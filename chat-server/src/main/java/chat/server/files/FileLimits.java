package chat.server.files;

/**
 * How much users may upload.
 *
 * @param fileBytes of one file; 0 takes none
 * @param userBytes of all files of a user; 0 for any amount
 */
public record FileLimits(long fileBytes, long userBytes) {
  /** For those who upload nothing. */
  static final FileLimits NONE = new FileLimits(0, 0);
}
