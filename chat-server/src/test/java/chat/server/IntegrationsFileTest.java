package chat.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.server.config.IntegrationsFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class IntegrationsFileTest {
  @TempDir private Path directory;

  @Test
  void thePlaceOfWhatIsWrongIsSaidOnce() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("file.json"), "{\"webhooks\":[{\"secret_env\":\"NOT_THERE\"}]}");
    IntegrationsFile.Entry entry = IntegrationsFile.read(file, Map.of()).entries("webhooks").get(0);
    assertThatThrownBy(entry::signature)
        .hasMessage(
            "The file "
                + file
                + " given as --integrations, webhooks[0]: the environment has no NOT_THERE");
  }
}
