package chat.server.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** That its scripts run is shown by the tests of the page, which is made of one. */
final class ModuleBundleTest {
  private final Map<String, byte[]> files = new HashMap<>();

  private ModuleBundleTest with(String path, String source) {
    files.put(path, source.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  private String bundle() {
    return ModuleBundle.of(files, Map.of("library", "lib/library.js"), "main.js");
  }

  @Test
  void modulesStandInTheOrderInWhichTheyRunEachOnce() {
    with("main.js", "import { b } from \"./part/b.js\";\nimport \"./a.js\";\nb();");
    with("part/b.js", "import { a } from \"../a.js\";\nexport const b = () => a;");
    with("a.js", "export const a = 1;");
    assertThat(bundle())
        .isEqualTo(
            """
            // ---- a.js
            const $0 = (() => {
            const $exports = {};
            const a = 1;
            return Object.assign($exports, { a });
            })();
            // ---- part/b.js
            const $1 = (() => {
            const $exports = {};
            const { a } = $0;
            const b = () => a;
            return Object.assign($exports, { b });
            })();
            // ---- main.js
            const $2 = (() => {
            const $exports = {};
            const { b } = $1;
            $0;
            b();
            return Object.assign($exports, {  });
            })();
            """);
  }

  @Test
  void namesAreTurnedAsTheyAreImportedAndExported() {
    with("main.js", "import { x as y,\n  z } from \"./a.js\";\nimport d from \"library\";");
    with(
        "a.js", "export * from \"./b.js\";\nexport { q as z } from \"./b.js\";\nexport class x {}");
    with("b.js", "const p = 1;\nexport { p as q };");
    with("lib/library.js", "var n=1;export default function(s){return n}");
    assertThat(bundle())
        .contains("const { x: y,\n  z } = $1;")
        .contains("Object.assign($exports, $0);")
        .contains("{ const { q: z } = $0; Object.assign($exports, { z }); }")
        .contains("return Object.assign($exports, {  q: p  });")
        .contains("var n=1;$exports.default = function(s){return n}")
        .contains("const d = $2.default;");
  }

  @Test
  void aCircleAndWhatIsNotKnownOrMissingStopTheStart() {
    with("main.js", "import { a } from \"./a.js\";");
    assertThatThrownBy(this::bundle).hasMessageContaining("not there: a.js");
    with("a.js", "import { m } from \"./main.js\";");
    assertThatThrownBy(this::bundle).hasMessageContaining("in a circle");
    with("a.js", "export let a = 1;");
    assertThatThrownBy(this::bundle).hasMessageContaining("a.js has a statement not known here");
  }
}
