package chat.engine.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No migration changes once it is on main: databases that ran it would be refused. */
final class LandedMigrationsTest {
  private static final Path MIGRATIONS = Path.of("../migrations");

  @Test
  void eachMigrationIsAsItWasWhenItLanded() throws Exception {
    Map<String, String> landed =
        Files.readAllLines(MIGRATIONS.resolve("SHA256SUMS")).stream()
            .map(line -> line.split(" {2}"))
            .collect(Collectors.toMap(line -> line[1], line -> line[0]));
    assertThat(present())
        .as("a new migration gets a line in migrations/SHA256SUMS, an old one is never edited")
        .containsExactlyInAnyOrderEntriesOf(landed);
  }

  private static Map<String, String> present() throws IOException, NoSuchAlgorithmException {
    Map<String, String> sums = new TreeMap<>();
    try (Stream<Path> files = Files.walk(MIGRATIONS)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".sql")).toList()) {
        sums.put(
            MIGRATIONS.relativize(file).toString().replace('\\', '/'),
            HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))));
      }
    }
    return sums;
  }
}
