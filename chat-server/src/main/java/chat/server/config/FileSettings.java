package chat.server.config;

import chat.server.files.storage.S3Bucket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where uploaded files lie, and how much users may upload. Filled by {@link SettingsParser}; not
 * changed afterwards.
 */
@SuppressWarnings("NullAway.Init") // picocli gives every option its default
public final class FileSettings {
  @Option(
      names = "--files-dir",
      paramLabel = "DIR",
      description =
          "Where the files that users upload lie; the same for all nodes on one database. With"
              + " --files-s3-bucket only what is still arriving, and a directory of each node's own."
              + " Default: files in --data-dir")
  @Nullable Path dir;

  @Option(
      names = "--files-s3-bucket",
      paramLabel = "NAME",
      description =
          "Keeps files in a bucket of S3 or a store that is compatible with it, the same for all"
              + " nodes on one database. Default: files lie in --files-dir")
  @Nullable String s3Bucket;

  @Option(
      names = "--files-s3-endpoint",
      paramLabel = "URL",
      description =
          "Where that store is, as https://s3.example.org. Default: Amazon's in --files-s3-region")
  @Nullable URI s3Endpoint;

  @Option(
      names = "--files-s3-region",
      defaultValue = "us-east-1",
      paramLabel = "REGION",
      description = "Region of the bucket; some stores take any. Default: ${DEFAULT-VALUE}")
  String s3Region;

  @Option(
      names = "--files-s3-path-style",
      arity = "1",
      paramLabel = "true|false",
      description =
          "Whether the bucket is named in the path, not in the host's name."
              + " Default: true with --files-s3-endpoint, otherwise false")
  @Nullable Boolean s3PathStyle;

  @Option(
      names = "--files-s3-access-key",
      paramLabel = "KEY",
      description = "Which key opens the bucket: it needs to put, get and delete objects.")
  @Nullable String s3AccessKey;

  @Option(
      names = "--files-s3-secret-key",
      paramLabel = "SECRET",
      description =
          "The secret of that key. Only as CHAT_FILES_S3_SECRET_KEY or in the file of --config: a flag"
              + " could be seen by others, and is refused.")
  @Nullable String s3SecretKey;

  @Option(
      names = "--max-file-bytes",
      defaultValue = "26214400",
      paramLabel = "N",
      description = "Longest file that is taken; 0 takes none. Default: ${DEFAULT-VALUE}")
  long maxFileBytes;

  @Option(
      names = "--files-per-user-bytes",
      defaultValue = "1073741824",
      paramLabel = "N",
      description =
          "How much the files of a user may take together; 0 for any amount."
              + " Default: ${DEFAULT-VALUE}")
  long perUserBytes;

  @Option(
      names = "--file-types",
      split = ",",
      defaultValue = "*/*",
      paramLabel = "TYPE",
      description =
          "Types of files that are taken, comma-separated, as image/*,application/pdf; the content"
              + " decides, as far as it can. Default: ${DEFAULT-VALUE}")
  List<String> types;

  FileSettings() {}

  /** Null if files lie in {@link #dir}. */
  public @Nullable S3Bucket bucket() {
    String name = s3Bucket;
    String accessKey = s3AccessKey;
    String secretKey = s3SecretKey;
    if (name == null || accessKey == null || secretKey == null) {
      return null;
    }
    URI endpoint = s3Endpoint;
    return new S3Bucket(
        endpoint == null ? URI.create("https://s3." + s3Region + ".amazonaws.com") : endpoint,
        s3Region,
        name,
        s3PathStyle == null ? endpoint != null : s3PathStyle,
        accessKey,
        secretKey);
  }

  /** 0 if no files are taken. */
  public long maxFileBytes() {
    return maxFileBytes;
  }

  /** Media types, with a star for any. */
  public List<String> types() {
    return types;
  }

  /** 0 for any amount. */
  public long perUserBytes() {
    return perUserBytes;
  }
}
