package chat.server.webhooks;

import chat.engine.ConversationId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/**
 * What integrations have given up, for the operator: places, not texts, so nothing here outlives a
 * message or a user. The newest 10,000 are kept. Thread-safe; blocks.
 */
public final class DeadLetters {
  private static final int MOST = 10_000;
  private static final int LONGEST_REASON = 500;

  private final Jdbi jdbi;
  private final MeterRegistry meters;

  /**
   * @param integration as {@code webhook:NAME} or {@code bot:NAME}
   * @param entry names what was given up: see {@link chat.engine.feed.FeedEntry#id}
   */
  public record Letter(
      long id,
      String integration,
      String entry,
      ConversationId conversation,
      String reason,
      int attempts,
      Instant failedAt) {}

  /**
   * @param meters counts them for each integration, since the start
   */
  public DeadLetters(Jdbi jdbi, MeterRegistry meters) {
    this.jdbi = jdbi;
    this.meters = meters;
  }

  /** Counts for this integration from now on, at 0: a counter must be there before it grows. */
  public void expect(String integration) {
    counter(integration);
  }

  private Counter counter(String integration) {
    return meters.counter("chat.dead.letters", "integration", integration);
  }

  /** Of one that is there already, the last reason stays. Counted also if it cannot be stored. */
  public void add(
      String integration, String entry, ConversationId conversation, String reason, int attempts) {
    counter(integration).increment();
    jdbi.useTransaction(
        handle -> {
          handle
              .createUpdate(
                  """
                  insert into server_dead_letter (integration, entry, conversation_id, reason, attempts)
                  values (:integration, :entry, :conversation, :reason, :attempts)
                  on conflict (integration, entry) do update
                  set reason = excluded.reason, attempts = excluded.attempts, failed_at = now()""")
              .bind("integration", integration)
              .bind("entry", entry)
              .bind("conversation", conversation.value())
              .bind(
                  "reason",
                  reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON))
              .bind("attempts", attempts)
              .execute();
          handle
              .createUpdate(
                  """
                  delete from server_dead_letter where letter_id <=
                  (select letter_id from server_dead_letter order by letter_id desc offset :most limit 1)""")
              .bind("most", MOST)
              .execute();
        });
  }

  /**
   * A page, the last first.
   *
   * @param before only those with an id below
   */
  public static List<Letter> newest(Jdbi jdbi, long before, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from server_dead_letter where letter_id < :before"
                        + " order by letter_id desc limit :limit")
                .bind("before", before)
                .bind("limit", limit)
                .map(
                    (row, context) ->
                        new Letter(
                            row.getLong("letter_id"),
                            row.getString("integration"),
                            row.getString("entry"),
                            ConversationId.of(row.getLong("conversation_id")),
                            row.getString("reason"),
                            row.getInt("attempts"),
                            row.getTimestamp("failed_at").toInstant()))
                .list());
  }
}
