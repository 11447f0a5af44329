package consumer;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.contract.MessageStoreContract;
import java.io.File;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** The jar of the contracts must not bring tests, tools or settings of somebody else. */
final class ContractJarTest {

  @Test
  void theJarHasTheContractsAndNothingElse() throws Exception {
    File jar =
        new File(
            MessageStoreContract.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (JarFile file = new JarFile(jar)) {
      List<String> files =
          file.stream()
              .filter(entry -> !entry.isDirectory())
              .map(ZipEntry::getName)
              .filter(name -> !name.startsWith("META-INF/"))
              .toList();
      assertThat(files)
          .isNotEmpty()
          .allMatch(name -> name.startsWith("chat/engine/contract/") && name.endsWith(".class"))
          .noneMatch(name -> name.matches(".*Test(\\$.*)?\\.class"));
    }
  }
}
