package chat.engine.internal.group;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.Role;
import chat.engine.spi.SlowMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of the documentation is the one that the rules read. */
final class PermissionTest {
  private static final Path DOCS = Path.of("docs/roles.md");

  @Test
  void theDocumentationShowsTheTable() throws IOException {
    Map<String, Set<String>> documented = new LinkedHashMap<>();
    for (String line : Files.readAllLines(DOCS)) {
      String[] cells = line.split("\\|");
      if (cells.length == 5 && !line.startsWith("|---") && !cells[1].strip().equals("may")) {
        String[] roles = {"owner", "admin", "member"};
        documented.put(
            cells[1].strip(),
            java.util.stream.IntStream.range(0, 3)
                .filter(i -> cells[i + 2].strip().equals("yes"))
                .mapToObj(i -> roles[i])
                .collect(Collectors.toSet()));
      }
    }
    Map<String, Set<String>> coded = new LinkedHashMap<>();
    for (Permission permission : Permission.values()) {
      coded.put(
          permission.label(),
          permission.roles().stream()
              .map(role -> role.name().toLowerCase(Locale.ROOT))
              .collect(Collectors.toSet()));
    }
    assertThat(documented).isEqualTo(coded);
    assertThat(documented.keySet()).containsExactlyElementsOf(coded.keySet());
  }

  @Test
  void whoNeedNotWaitIsWhomTheStoresDoNotLetWait() {
    assertThat(Permission.SEND_WITHOUT_WAITING.roles())
        .isEqualTo(
            Arrays.stream(Role.values())
                .filter(role -> !SlowMode.concerns(role))
                .collect(Collectors.toSet()));
  }
}
