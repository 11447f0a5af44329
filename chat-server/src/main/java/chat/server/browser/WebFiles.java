package chat.server.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Files of folders of the class path, in a jar or not, and a name for their contents: the same for
 * the same files. Read once; immutable.
 */
final class WebFiles {
  private static final int VERSION_CHARACTERS = 16;

  private final Map<String, byte[]> files = new TreeMap<>();

  /**
   * The files of a folder under a path.
   *
   * @param path where they are for browsers, empty or with a slash at its end
   * @param folder on the class path
   * @throws IllegalStateException if the program was packaged without it
   */
  WebFiles with(String path, String folder) {
    URL url = WebFiles.class.getResource(folder);
    if (url == null) {
      throw new IllegalStateException("the class path lacks " + folder);
    }
    try {
      URI uri = url.toURI();
      if (uri.getScheme().equals("jar")) {
        try (FileSystem jar = FileSystems.newFileSystem(uri, Map.of())) {
          read(path, jar.getPath(folder));
        }
      } else {
        read(path, Path.of(uri));
      }
    } catch (IOException fault) {
      throw new UncheckedIOException(fault);
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
    return this;
  }

  private void read(String path, Path folder) throws IOException {
    List<Path> found;
    try (Stream<Path> all = Files.walk(folder)) {
      found = all.filter(Files::isRegularFile).toList();
    }
    for (Path file : found) {
      String name = folder.relativize(file).toString().replace('\\', '/');
      files.put(path + name, Files.readAllBytes(file));
    }
  }

  /** The contents by path. */
  Map<String, byte[]> contents() {
    return files;
  }

  /** Another one as soon as a file is another. */
  String version() {
    MessageDigest digest = sha256();
    files.forEach(
        (path, content) -> {
          digest.update(path.getBytes(StandardCharsets.UTF_8));
          digest.update(content);
        });
    return HexFormat.of().formatHex(digest.digest()).substring(0, VERSION_CHARACTERS);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
