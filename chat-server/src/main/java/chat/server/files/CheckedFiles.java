package chat.server.files;

import chat.engine.protocol.JsonObjects;
import chat.server.files.storage.DiskStorage;
import chat.server.files.storage.S3Storage;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Looks whether each file that the database tells of is in the storage, and what lies in a
 * directory besides, as after a restore. Changes nothing; nodes may run. For one thread; blocks.
 */
public final class CheckedFiles {
  private static final int AT_ONCE = 500;
  private static final int EXAMPLES = 20;
  private static final String FOLDER = "[A-Za-z0-9_-]{2}";

  private final FileRecords records;
  private final Presence presence;
  private final @Nullable Path directory;
  private final List<String> missing = new ArrayList<>();
  private long files;
  private long unknown;
  private long unknownBytes;

  private interface Presence {
    boolean isWhole(StoredFile file) throws IOException;
  }

  private CheckedFiles(Jdbi jdbi, Presence presence, @Nullable Path directory) {
    this.records = new FileRecords(jdbi, FileLimits.NONE);
    this.presence = presence;
    this.directory = directory;
  }

  public static CheckedFiles onDisk(Jdbi jdbi, Path directory) {
    DiskStorage storage = new DiskStorage(directory);
    return new CheckedFiles(
        jdbi,
        file -> {
          try {
            return Files.size(storage.path(file.fileId())) == file.size();
          } catch (NoSuchFileException none) {
            return false;
          }
        },
        directory);
  }

  /** What lies in the bucket besides is not looked at: the key need not be able to list it. */
  public static CheckedFiles inBucket(Jdbi jdbi, S3Storage storage) {
    return new CheckedFiles(jdbi, file -> storage.has(file.fileId()), null);
  }

  /**
   * Looks at all files.
   *
   * @return how many there should be, how many of them are missing or shorter than they were, some
   *     of their ids, and, of a directory, how many files the database does not know, with their
   *     bytes
   */
  public ObjectNode check() throws IOException {
    List<StoredFile> page = records.all("", AT_ONCE);
    while (!page.isEmpty()) {
      look(page);
      page = records.all(page.get(page.size() - 1).fileId(), AT_ONCE);
    }
    ObjectNode found = JsonObjects.object().put("files", files).put("missing", missing.size());
    ArrayNode examples = found.putArray("missing_ids");
    missing.stream().limit(EXAMPLES).forEach(examples::add);
    if (directory != null) {
      lookBesides(directory);
      found.put("unknown", unknown).put("unknown_bytes", unknownBytes);
    }
    return found;
  }

  private void look(List<StoredFile> page) throws IOException {
    for (StoredFile file : page) {
      files++;
      // one that is not wanted any more may have been deleted meanwhile
      if (!presence.isWhole(file) && records.find(file.fileId()).isPresent()) {
        missing.add(file.fileId());
      }
    }
  }

  private void lookBesides(Path all) throws IOException {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(all)) {
      for (Path folder : folders) {
        if (folder.getFileName().toString().matches(FOLDER) && Files.isDirectory(folder)) {
          lookInto(folder);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException none) {
      // nothing was ever uploaded
    }
  }

  private void lookInto(Path folder) throws IOException {
    Map<Path, String> ids = new HashMap<>();
    try (DirectoryStream<Path> there = Files.newDirectoryStream(folder)) {
      for (Path file : there) {
        ids.put(file, Thumbnails.fileOf(file.getFileName().toString()));
      }
    }
    Set<String> known = records.known(new HashSet<>(ids.values()));
    for (Map.Entry<Path, String> file : ids.entrySet()) {
      if (!known.contains(file.getValue())) {
        count(file.getKey());
      }
    }
  }

  private void count(Path file) throws IOException {
    try {
      unknownBytes += Files.size(file);
      unknown++;
    } catch (NoSuchFileException gone) {
      // deleted just now, with its row
    }
  }
}
