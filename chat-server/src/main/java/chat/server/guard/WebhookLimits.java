package chat.server.guard;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.security.SecurityEvent;
import chat.server.security.SecurityEvents;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Limits what is posted to each incoming webhook, whose address somebody else may have learned.
 * What fails through no fault of the sender is not counted. Thread-safe; blocks no longer than the
 * post.
 */
public final class PostLimits {
  private final TokenBuckets byWebhook;
  private final SecurityEvents events;

  public PostLimits(Rate perWebhook, SecurityEvents events) {
    this.byWebhook = new TokenBuckets(perWebhook);
    this.events = events;
  }

  /**
   * Posts if the webhook may.
   *
   * @param address from which it is posted
   * @throws ApiException {@code rate_limited}, and what the post throws
   */
  public <T> T counted(long webhook, String address, Supplier<T> post) {
    String key = Long.toString(webhook);
    Optional<Duration> wait = byWebhook.take(key);
    if (wait.isPresent()) {
      events.happened(SecurityEvent.WEBHOOK_LIMITED, address);
      throw ApiException.rateLimited(wait.get());
    }
    try {
      return post.get();
    } catch (RuntimeException fault) {
      if (ApiException.from(fault).error().httpStatus() >= ApiError.INTERNAL.httpStatus()) {
        byWebhook.giveBack(key);
      }
      throw fault;
    }
  }
}
