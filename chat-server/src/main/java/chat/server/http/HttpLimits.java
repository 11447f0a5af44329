package chat.server.http;

import java.time.Duration;

/**
 * What one client may cost.
 *
 * @param connections at once; further ones wait until one of them ends
 * @param calls whose handlers run at once; further ones are refused with {@code busy}
 * @param bodyBytes held for calls whose bodies are still arriving, all together
 * @param arrival the head of a request, and a body that is no upload, must arrive within this time
 * @param idle a connection on which nothing moves ends after this time
 * @param paceBytes that uploads and answers must at least move in each {@code paceWindow}; more
 *     than the part in which they move
 */
public record HttpLimits(
    int connections,
    int calls,
    long bodyBytes,
    Duration arrival,
    Duration idle,
    long paceBytes,
    Duration paceWindow) {
  /** A kibibyte a second, which is less than any network over which people chat. */
  public static final HttpLimits DEFAULT =
      new HttpLimits(
          10_000,
          256,
          64 << 20,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          60 << 10,
          Duration.ofSeconds(60));
}
