package chat.engine.examples.console.link;

import java.io.IOException;

/** Gives REST calls an access token that is valid now. Thread-safe; blocks. */
public interface Access {
  /** A call that needs a token. */
  interface Call<T> {
    T with(String accessToken) throws IOException, InterruptedException;
  }

  <T> T call(Call<T> call) throws IOException, InterruptedException;
}
