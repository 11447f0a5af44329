package chat.engine.examples.console.link;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Where REST calls of the user go. Thread-safe; blocks. */
public interface RestCalls {
  /**
   * @throws chat.engine.examples.server.ServerApi.RefusedException if the server refuses
   */
  ObjectNode call(String method, String path, @Nullable ObjectNode body)
      throws IOException, InterruptedException;
}
