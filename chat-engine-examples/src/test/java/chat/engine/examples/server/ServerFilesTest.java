package chat.engine.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ServerFilesTest {
  @Test
  void aStrangersNameOfAFileStaysInItsFolder() {
    assertThat(ServerFiles.fit("hike%202.jpg", "id")).isEqualTo("hike 2.jpg");
    assertThat(ServerFiles.fit("..%2F..%2F.ssh%2Fauthorized_keys", "id"))
        .isEqualTo("_.._.ssh_authorized_keys");
    assertThat(ServerFiles.fit("C%3A%5Cx", "id")).isEqualTo("C__x");
    assertThat(ServerFiles.fit("a%1B%5B2J%E2%80%AEgpj.exe", "id")).isEqualTo("a_[2J_gpj.exe");
    assertThat(ServerFiles.fit("..", "id")).isEqualTo("id");
    assertThat(ServerFiles.fit("%zz", "id")).isEqualTo("id");
    assertThat(ServerFiles.fit("a+b", "id")).isEqualTo("a+b");
    assertThat(ServerFiles.fit("x".repeat(500) + ".txt", "id")).hasSize(120).endsWith(".txt");
  }
}
