package chat.engine.examples.console.link;

import chat.engine.examples.server.ServerFiles;
import java.io.IOException;
import java.nio.file.Path;

/** Sends files to the server and fetches them. Thread-safe; blocks. */
public final class FileLink {
  private final ServerFiles files;
  private final Access access;

  public FileLink(ServerFiles files, Access access) {
    this.files = files;
    this.access = access;
  }

  /**
   * @return the id of the file
   * @throws Refusal if the server does not take it
   */
  public String upload(Path file) {
    return call(token -> files.upload(file, token));
  }

  /**
   * @throws Refusal if there is no such file
   */
  ServerFiles.Description describe(String id) {
    return call(token -> files.describe(id, token));
  }

  /**
   * @return where the file lies now
   * @throws Refusal if there is no such file
   */
  public Path download(String id, Path folder) {
    return call(token -> files.download(id, folder, token));
  }

  private <T> T call(Access.Call<T> call) {
    try {
      return access.call(call);
    } catch (IOException fault) {
      throw new Refusal(Reasons.of(fault));
    } catch (InterruptedException interrupted) {
      throw new Refusal("You did not wait for the end of it.");
    }
  }
}
