package chat.server.guard;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import chat.server.security.SecurityEvent;
import chat.server.security.SecurityEvents;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Limits how many incoming webhooks a user makes, each of which has a sender that stays when it
 * ends, and what is posted to each, whose address somebody else may have learned. What fails
 * through no fault of the caller is not counted. Thread-safe; blocks no longer than the work.
 */
public final class WebhookLimits {
  private static final Rate MADE_BY_USER = new Rate(20, Duration.ofHours(1));

  private final TokenBuckets madeByUser = new TokenBuckets(MADE_BY_USER);
  private final TokenBuckets postsByWebhook;
  private final SecurityEvents events;

  public WebhookLimits(Rate postsPerWebhook, SecurityEvents events) {
    this.postsByWebhook = new TokenBuckets(postsPerWebhook);
    this.events = events;
  }

  /**
   * Makes a webhook if the user may.
   *
   * @param address from which it is made
   * @throws ApiException {@code rate_limited}, and what the making throws
   */
  public <T> T made(long user, String address, Supplier<T> making) {
    return counted(madeByUser, user, SecurityEvent.WEBHOOKS_LIMITED, address, making);
  }

  /**
   * Posts if the webhook may.
   *
   * @param address from which it is posted
   * @throws ApiException {@code rate_limited}, and what the post throws
   */
  public <T> T posted(long webhook, String address, Supplier<T> post) {
    return counted(postsByWebhook, webhook, SecurityEvent.WEBHOOK_LIMITED, address, post);
  }

  private <T> T counted(
      TokenBuckets buckets, long id, SecurityEvent refusal, String address, Supplier<T> work) {
    String key = Long.toString(id);
    Optional<Duration> wait = buckets.take(key);
    if (wait.isPresent()) {
      events.happened(refusal, address);
      throw ApiException.rateLimited(wait.get());
    }
    try {
      return work.get();
    } catch (RuntimeException fault) {
      if (ApiException.from(fault).error().httpStatus() >= ApiError.INTERNAL.httpStatus()) {
        buckets.giveBack(key);
      }
      throw fault;
    }
  }
}
