package chat.server.files;

import java.util.List;

/**
 * What users may upload.
 *
 * @param fileBytes of one file; 0 takes none
 * @param userBytes of all files of a user; 0 for any amount
 * @param types of the files; a star stands for any
 */
public record FileLimits(long fileBytes, long userBytes, List<String> types) {
  /** For those who upload nothing. */
  static final FileLimits NONE = new FileLimits(0, 0);

  /** Files of all types. */
  public FileLimits(long fileBytes, long userBytes) {
    this(fileBytes, userBytes, List.of("*/*"));
  }

  /** Whether files of a type are taken, whatever parameters it has. */
  boolean allows(String type) {
    String plain = type.replaceFirst(" *;.*", "");
    String any = plain.replaceFirst("/.*", "/*");
    return types.contains("*/*") || types.contains(any) || types.contains(plain);
  }
}
