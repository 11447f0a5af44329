package chat.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FileNamesTest {
  @Test
  void aNameHasNoFoldersAndNothingThatCannotBeSeen() {
    assertThat(FileNames.safe("../../etc/passwd")).isEqualTo("passwd");
    assertThat(FileNames.safe("C:\\Windows\\cmd.exe")).isEqualTo("cmd.exe");
    assertThat(FileNames.safe("..")).isEqualTo("file");
    assertThat(FileNames.safe("a/")).isEqualTo("file");
    assertThat(FileNames.safe("")).isEqualTo("file");
    assertThat(FileNames.safe(".htaccess")).isEqualTo("htaccess");
    assertThat(FileNames.safe("a\r\nX-Injected: 1\0.txt")).isEqualTo("aX-Injected_ 1.txt");
    assertThat(FileNames.safe("photo\u202egnp.exe")).isEqualTo("photognp.exe"); // "photoexe.png"
    assertThat(FileNames.safe("<b>\"x\"|?*.txt ")).isEqualTo("_b__x____.txt");
    assertThat(FileNames.safe("Übersicht 2.pdf")).isEqualTo("Übersicht 2.pdf");
  }

  @Test
  void aLongNameKeepsItsEnding() {
    String name = FileNames.safe("🎈".repeat(500) + ".jpeg");
    assertThat(name.codePointCount(0, name.length())).isEqualTo(120);
    assertThat(name).endsWith("🎈.jpeg");
  }

  @Test
  void aHeaderHasTheNameAsItIsAndAPlainOne() {
    assertThat(FileNames.disposition(false, "Übersicht 2.pdf"))
        .isEqualTo(
            "attachment; filename=\"_bersicht 2.pdf\"; filename*=UTF-8''%C3%9Cbersicht%202.pdf");
    assertThat(FileNames.disposition(true, "a.png"))
        .isEqualTo("inline; filename=\"a.png\"; filename*=UTF-8''a.png");
  }
}
