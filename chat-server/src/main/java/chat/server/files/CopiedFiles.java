package chat.server.files;

import chat.engine.protocol.JsonObjects;
import chat.server.files.storage.DiskStorage;
import chat.server.files.storage.S3Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings files from a directory into a bucket, before and after nodes change from the one to the
 * other. What is there already is left out, so it can be repeated. Nothing is deleted.
 */
public final class CopiedFiles {
  private static final int AT_ONCE = 500;

  private final FileRecords records;
  private final DiskStorage from;
  private final S3Storage to;
  private long copied;
  private long there;
  private long missing;

  public CopiedFiles(Jdbi jdbi, Path directory, S3Storage to) {
    this.records = new FileRecords(jdbi, FileLimits.NONE);
    this.from = new DiskStorage(directory);
    this.to = to;
  }

  /**
   * Copies all files that can be read.
   *
   * @return how many were copied, were in the bucket already, and lie in neither
   * @throws IOException if one cannot be copied; those before it are
   */
  public ObjectNode copy() throws IOException {
    List<StoredFile> page = records.all("", AT_ONCE);
    while (!page.isEmpty()) {
      for (StoredFile file : page) {
        copy(file.fileId());
        if (file.thumbnailType() != null) {
          copy(Thumbnails.key(file.fileId()));
        }
      }
      page = records.all(page.get(page.size() - 1).fileId(), AT_ONCE);
    }
    return JsonObjects.object()
        .put("copied", copied)
        .put("already_there", there)
        .put("missing", missing);
  }

  private void copy(String key) throws IOException {
    if (to.has(key)) {
      there++;
    } else if (Files.exists(from.path(key))) {
      to.put(key, from.path(key));
      copied++;
    } else {
      missing++;
    }
  }
}
