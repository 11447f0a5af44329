package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.contract.MessageStoreContract;
import chat.engine.testkit.TestChat;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The test-jar must not bring tests, tools or settings of somebody else. */
final class ContractJarTest {
  private static final String CONTRACTS = "chat/engine/contract/";
  private static final String KIT = "chat/engine/testkit/";

  private static JarFile testJar() throws IOException, URISyntaxException {
    return new JarFile(
        new File(
            MessageStoreContract.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
  }

  private static List<ZipEntry> files(JarFile jar) {
    return jar.stream()
        .filter(entry -> !entry.isDirectory())
        .filter(entry -> !entry.getName().startsWith("META-INF/"))
        .<ZipEntry>map(entry -> entry)
        .toList();
  }

  @Test
  void theJarHasTheContractsAndTheTestKitAndNothingElse() throws Exception {
    try (JarFile jar = testJar()) {
      assertThat(files(jar).stream().map(ZipEntry::getName))
          .contains(TestChat.class.getName().replace('.', '/') + ".class")
          .allMatch(name -> name.startsWith(CONTRACTS) || name.startsWith(KIT))
          .allMatch(name -> name.endsWith(".class"))
          .noneMatch(name -> name.matches(".*Test(\\$.*)?\\.class"));
    }
  }

  @Test
  void theTestKitNeedsNothingButTheEngine() throws Exception {
    try (JarFile jar = testJar()) {
      for (ZipEntry entry : files(jar)) {
        if (entry.getName().startsWith(KIT)) {
          try (InputStream in = jar.getInputStream(entry)) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                .as(entry.getName())
                .doesNotContain("org/junit", "org/assertj", "org/awaitility", "engine/contract")
                .doesNotContain("chat/engine/internal", "chat/engine/postgres");
          }
        }
      }
    }
  }

  /** Named after its file it would have the name of the library. */
  @Test
  void theJarHasAModuleNameOfItsOwn() throws Exception {
    try (JarFile jar = testJar()) {
      assertThat(jar.getManifest().getMainAttributes().getValue("Automatic-Module-Name"))
          .isEqualTo("chat.engine.tests");
    }
  }
}
