package chat.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which build this is. What the build did not fill in, as in an IDE, is {@code unknown}.
 *
 * @param commit of the sources; the build is told with {@code -Dbuild.commit}
 * @param time of the sources
 */
record BuildInfo(String version, String commit, String time) {
  private static final String UNKNOWN = "unknown";

  static BuildInfo read() {
    Properties properties = new Properties();
    try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return new BuildInfo(
        value(properties, "version"), value(properties, "commit"), value(properties, "time"));
  }

  private static String value(Properties properties, String name) {
    String value = properties.getProperty(name, "");
    return value.isBlank() || value.startsWith("${") ? UNKNOWN : value;
  }

  @Override
  public String toString() {
    return "chat-server %s (%s, %s)".formatted(version, commit, time);
  }
}
