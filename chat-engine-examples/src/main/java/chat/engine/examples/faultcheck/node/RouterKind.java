package chat.engine.examples.faultcheck.node;

import chat.engine.postgres.router.PostgresRouter;
import chat.engine.redis.RedisRouter;
import chat.engine.spi.Router;
import java.util.Locale;

/** What links the nodes. */
public enum RouterKind {
  REDIS,
  POSTGRES;

  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static RouterKind labelled(String label) {
    for (RouterKind kind : values()) {
      if (kind.label().equals(label)) {
        return kind;
      }
    }
    throw new IllegalArgumentException("--router must be redis or postgres, not " + label);
  }

  /** A router of this kind, not started. */
  public Router open(String postgresUrl, String redisUrl) {
    return switch (this) {
      case REDIS -> RedisRouter.open(redisUrl);
      case POSTGRES -> PostgresRouter.open(postgresUrl, "postgres", "");
    };
  }
}
