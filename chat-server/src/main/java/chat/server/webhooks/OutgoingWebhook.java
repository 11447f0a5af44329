package chat.server.webhooks;

import chat.engine.feed.FeedBatch;
import chat.engine.feed.FeedConsumer;
import chat.engine.feed.FeedEntry;
import chat.engine.feed.PartlyDone;
import chat.engine.protocol.JsonObjects;
import chat.server.outgoing.OutgoingFault;
import chat.server.outgoing.OutgoingHttp;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Posts what a feed delivers, one entry after the other in each conversation. An entry that is not
 * taken is posted again, by the pauses of the feed, and what lies behind it waits; what lies before
 * it is done. After the last attempt it is a dead letter. Thread-safe.
 */
final class OutgoingWebhook implements FeedConsumer {
  private static final Logger log = LoggerFactory.getLogger(OutgoingWebhook.class);
  private static final int GONE = 410;
  private static final int MOST_BYTES = 64 * 1024;

  private final WebhookSettings settings;
  private final OutgoingHttp http;
  private final InstantSource clock;
  private final DeadLetters deadLetters;

  /**
   * How often the entry that fails now has failed, by its id. One for each failing conversation.
   */
  private final Map<String, Integer> failures = new ConcurrentHashMap<>();

  OutgoingWebhook(
      WebhookSettings settings, OutgoingHttp http, InstantSource clock, DeadLetters deadLetters) {
    this.settings = settings;
    this.http = http;
    this.clock = clock;
    this.deadLetters = deadLetters;
  }

  @Override
  public CompletableFuture<Void> accept(FeedBatch batch) {
    CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
    for (int i = 0; i < batch.entries().size(); i++) {
      FeedEntry entry = batch.entries().get(i);
      int before = i;
      Optional<ObjectNode> event =
          EntryJson.of(batch, entry)
              .filter(json -> settings.events().contains(json.path("type").asString("")));
      if (event.isPresent()) {
        done = done.thenCompose(posted -> post(batch, before, entry, event.get()));
      }
    }
    return done;
  }

  /**
   * @param before how many entries of the batch are done
   */
  private CompletableFuture<Void> post(
      FeedBatch batch, int before, FeedEntry entry, ObjectNode event) {
    int attempt = failures.getOrDefault(entry.id(), 0) + 1;
    byte[] body = JsonObjects.bytes(event);
    Map<String, String> headers =
        new HashMap<>(settings.signature().headers(entry.id(), clock.instant(), body));
    headers.put("webhook-attempt", Integer.toString(attempt));
    return http.post(settings.url(), headers, body, settings.deadline(), MOST_BYTES)
        .<Void>thenApply(
            reply -> {
              if (!reply.isGood()) {
                throw new Refusal(reply.status());
              }
              failures.remove(entry.id());
              return null;
            })
        .exceptionallyCompose(fault -> failed(batch, before, entry, attempt, root(fault)));
  }

  private CompletableFuture<Void> failed(
      FeedBatch batch, int before, FeedEntry entry, int attempt, Throwable fault) {
    boolean gone = fault instanceof Refusal refusal && refusal.status == GONE;
    if (!gone && attempt < settings.attempts()) {
      failures.put(entry.id(), attempt);
      return CompletableFuture.failedFuture(
          new PartlyDone(
              before,
              new OutgoingFault(String.valueOf(fault.getMessage())))); // without a trace of threads
    }
    log.warn(
        "webhook {} has not taken {} after {} attempts, and it is left out: {}",
        settings.name(),
        entry.id(),
        attempt,
        fault.getMessage());
    return CompletableFuture.runAsync(
            () ->
                deadLetters.add(
                    settings.feed(),
                    entry.id(),
                    batch.conversationId(),
                    String.valueOf(fault.getMessage()),
                    attempt))
        .thenRun(() -> failures.remove(entry.id()));
  }

  private static Throwable root(Throwable fault) {
    return fault instanceof CompletionException && fault.getCause() != null
        ? fault.getCause()
        : fault;
  }

  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int status;

    Refusal(int status) {
      super("it said " + status);
      this.status = status;
    }
  }
}
