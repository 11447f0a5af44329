package chat.engine.bot;

import chat.engine.Experimental;
import java.util.concurrent.CompletableFuture;

/** An answer whose text comes piece by piece. Thread-safe. */
@Experimental
public interface StreamedAnswer {
  /**
   * Whether an earlier attempt has finished this answer, also on another node, or somebody has
   * deleted it: then there is nothing to do, and the calls below do nothing.
   */
  boolean isFinished();

  /**
   * Adds to the text; does not block. The message follows with at most three edits per second.
   * Control characters that a message cannot have are left out.
   *
   * @return false if the text would be longer than {@link chat.engine.ChatEngine#maxTextBytes}:
   *     then nothing was added
   */
  boolean append(String piece);

  /**
   * Begins the text again, for example after its source broke off. The shown text stays until the
   * next piece comes.
   */
  void restart();

  /**
   * Ends the answer with the text as it is; a blank one becomes "…".
   *
   * @return completes after the commit of the last edit; fails as an edit does, and with {@code
   *     UNAVAILABLE} if the engine closes before, when another node or the next start answers anew
   */
  CompletableFuture<Void> finish();

  /** Ends the answer with another text, which replaces what was shown. */
  CompletableFuture<Void> finish(String text);
}
