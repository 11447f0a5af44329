package chat.server.admin;

import chat.engine.Retention;
import chat.engine.protocol.JsonObjects;
import chat.server.json.ApiException;
import java.time.Duration;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * The retention of conversations that have none of their own: what an operator has set, in a row
 * that all nodes share, or else the setting of the node. Thread-safe; blocks.
 */
public final class GeneralRetention {
  private static final long FOR_EVER = 0;

  private final Jdbi jdbi;
  private final int nodeDays;

  /**
   * @param nodeDays the setting of this node; 0 means forever
   */
  public GeneralRetention(Jdbi jdbi, int nodeDays) {
    this.jdbi = jdbi;
    this.nodeDays = nodeDays;
  }

  /**
   * What the engine goes by; empty means forever. Reads the database each time, and throws what
   * that throws: falling back to the node's setting could delete what an operator wants to keep.
   */
  public Optional<Duration> inForce() {
    long days = set().orElse((long) nodeDays);
    return days == FOR_EVER ? Optional.empty() : Optional.of(Duration.ofDays(days));
  }

  private Optional<Long> set() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select days from server_general_retention")
                .mapTo(Long.class)
                .findOne());
  }

  /** In days; null means forever. */
  @Nullable Long days() {
    return inForce().map(Duration::toDays).orElse(null);
  }

  /** What counts, and from where it comes. */
  ObjectNode show() {
    Optional<Long> set = set();
    long days = set.orElse((long) nodeDays);
    return JsonObjects.object()
        .put("general_days", days == FOR_EVER ? null : (Long) days)
        .put("set_days", set.orElse(null))
        .put("node_days", nodeDays);
  }

  /**
   * @param days 0 means forever; null goes back to the settings of the nodes
   */
  void set(@Nullable Long days) {
    if (days != null && (days < FOR_EVER || days > Retention.LONGEST.toDays())) {
      throw ApiException.badRequest(
          "days must be 0, for ever, to %d, not %d".formatted(Retention.LONGEST.toDays(), days));
    }
    jdbi.useHandle(
        handle -> {
          if (days == null) {
            handle.execute("delete from server_general_retention");
          } else {
            handle.execute(
                """
                insert into server_general_retention (id, days) values (1, ?)
                on conflict (id) do update set days = excluded.days""",
                days);
          }
        });
  }

  /** For the audit log. */
  static String words(@Nullable Long days) {
    return days == null ? "as the nodes are set" : days == FOR_EVER ? "for ever" : days + " days";
  }
}
