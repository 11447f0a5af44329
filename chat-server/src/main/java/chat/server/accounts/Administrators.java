package chat.server.accounts;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Keeps the last administrator who can come in. Whatever takes one away asks here first, in the
 * transaction that does it: the rows of all administrators stay locked until its end, so of two who
 * take each other away at the same moment, on whatever nodes, the second finds out that it is the
 * last.
 */
public final class Administrators {
  private record Locked(long id, boolean comesIn) {}

  private Administrators() {}

  /**
   * Also locks the account itself, which could become an administrator meanwhile. Rows are locked
   * in the order of their ids, so that nobody waits in a circle, and logins go on meanwhile.
   *
   * @throws ApiException {@code conflict} if this is the only administrator who can come in
   */
  public static void requireAnother(Handle handle, Account account) {
    List<Locked> administrators =
        handle
            .createQuery(
                "select a.account_id, a.administrator and a.erased_at is null and not "
                    + Accounts.SUSPENDED
                    + """
                       as comes_in
                      from server_account a
                      where (a.administrator and a.erased_at is null) or a.account_id = :id
                      order by a.account_id for no key update""")
            .bind("id", account.id())
            .map(
                (row, context) -> new Locked(row.getLong("account_id"), row.getBoolean("comes_in")))
            .filter(Locked::comesIn)
            .list();
    if (administrators.equals(List.of(new Locked(account.id(), true)))) {
      throw ApiException.of(
          ApiError.CONFLICT, "this is the last administrator: make another one first");
    }
  }
}
