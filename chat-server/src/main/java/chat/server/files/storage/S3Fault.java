package chat.server.files.storage;

import java.io.IOException;
import java.util.Locale;
import java.util.Set;

/** An answer of S3 that is none of those that a call is made for. Says what an operator can do. */
final class S3Fault extends IOException {
  private static final long serialVersionUID = 1;

  private static final int NOT_FOUND = 404;
  private static final Set<Integer> PASSING = Set.of(408, 409, 429, 500, 502, 503, 504);

  private final int status;
  private final String code;

  /**
   * @param code what S3 calls it, empty if it does not say
   */
  S3Fault(S3Bucket bucket, int status, String code) {
    super(words(bucket, status, code));
    this.status = status;
    this.code = code;
  }

  private static String words(S3Bucket bucket, int status, String code) {
    String said = "%s answered %d %s".formatted(bucket, status, code).strip();
    String hint =
        switch (code.toLowerCase(Locale.ROOT)) {
          case "nosuchbucket" -> "there is no such bucket; check --files-s3-bucket";
          case "invalidaccesskeyid", "signaturedoesnotmatch", "accessdenied", "invalidtoken" ->
              "check --files-s3-access-key, its secret, and what it may do in this bucket";
          case "authorizationheadermalformed", "permanentredirect", "temporaryredirect" ->
              "check --files-s3-region and --files-s3-endpoint";
          case "requesttimetooskewed" -> "check the clock of this machine";
          default -> "";
        };
    return hint.isEmpty() ? said : said + ": " + hint;
  }

  /** Whether there is nothing under the key. */
  boolean isNoSuchKey() {
    return status == NOT_FOUND && !code.equals("NoSuchBucket");
  }

  /** Whether the same call may succeed a moment later. */
  boolean isPassing() {
    return PASSING.contains(status) || code.equals("RequestTimeout");
  }
}
