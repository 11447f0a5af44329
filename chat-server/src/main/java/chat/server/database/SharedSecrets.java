package chat.server.database;

import java.util.function.Supplier;
import org.jdbi.v3.core.Jdbi;

/** Secrets that all nodes of a database share. Blocks. */
public final class SharedSecrets {
  private SharedSecrets() {}

  /** The secret of a name; the first node that asks for it makes it. */
  public static byte[] get(Jdbi jdbi, String name, Supplier<byte[]> first) {
    return jdbi.inTransaction(
        handle -> {
          handle
              .createUpdate(
                  "insert into server_secret (name, value) values (:name, :value)"
                      + " on conflict do nothing")
              .bind("name", name)
              .bind("value", first.get())
              .execute();
          return handle
              .createQuery("select value from server_secret where name = :name")
              .bind("name", name)
              .mapTo(byte[].class)
              .one();
        });
  }
}
