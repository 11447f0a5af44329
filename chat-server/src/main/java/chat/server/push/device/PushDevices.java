package chat.server.push.device;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.protocol.JsonObjects;
import chat.server.accounts.Account;
import chat.server.accounts.login.Identity;
import chat.server.json.ApiException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import tools.jackson.databind.node.ObjectNode;

/** The registered devices and what they were told. Thread-safe; blocks. */
public final class PushDevices {
  static final int MOST_OF_A_USER = 20;

  private final Jdbi jdbi;

  /**
   * A device as a client registers it.
   *
   * @param token as its sender keeps it
   */
  public record Registration(String device, String kind, String token, boolean hidesContent) {}

  public PushDevices(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /**
   * Registers a device in place of an earlier registration of it. A token that another device or
   * another user had is taken from there; of more than {@link #MOST_OF_A_USER} devices those go
   * that registered first.
   *
   * @throws ApiException {@code unauthorized} if the login has ended
   */
  public void register(Identity caller, Registration registration) {
    jdbi.useTransaction(
        handle -> {
          requireLogin(handle, caller);
          byte[] hash = hash(registration);
          handle
              .createUpdate(
                  """
                  delete from server_push_device
                  where token_hash = :hash and (account_id <> :id or device <> :device)""")
              .bind("hash", hash)
              .bind("id", caller.account().id())
              .bind("device", registration.device())
              .execute();
          insert(handle, caller, registration, hash);
          removeOldest(handle, caller.account().id());
        });
  }

  /**
   * The lock of the account makes registrations of a user come one after another, so that their
   * limit holds. The one of the login makes an erasure wait, which then finds the device.
   */
  private static void requireLogin(Handle handle, Identity caller) {
    handle.execute(
        "select account_id from server_account where account_id = ? for no key update",
        caller.account().id());
    boolean lasts =
        handle
            .createQuery(
                """
                select login_id from server_login
                where login_id = :login and revoked_at is null for share""")
            .bind("login", caller.login())
            .mapTo(String.class)
            .findOne()
            .isPresent();
    if (!lasts) {
      throw ApiException.unauthorized("this login has ended");
    }
  }

  private static void insert(
      Handle handle, Identity caller, Registration registration, byte[] hash) {
    handle
        .createUpdate(
            """
            insert into server_push_device
              (account_id, device, login_id, kind, token, token_hash, hide_content)
            values (:id, :device, :login, :kind, :token, :hash, :hides)
            on conflict (account_id, device) do update
            set login_id = excluded.login_id, kind = excluded.kind, token = excluded.token,
                token_hash = excluded.token_hash, hide_content = excluded.hide_content,
                registered_at = now(), failures = 0, rest_until = null""")
        .bind("id", caller.account().id())
        .bind("device", registration.device())
        .bind("login", caller.login())
        .bind("kind", registration.kind())
        .bind("token", registration.token())
        .bind("hash", hash)
        .bind("hides", registration.hidesContent())
        .execute();
  }

  private static void removeOldest(Handle handle, long account) {
    handle
        .createUpdate(
            """
            delete from server_push_device where push_id in (
              select push_id from server_push_device where account_id = :id
              order by registered_at desc, push_id desc offset :most)""")
        .bind("id", account)
        .bind("most", MOST_OF_A_USER)
        .execute();
  }

  private static byte[] hash(Registration registration) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update((registration.kind() + "\n").getBytes(StandardCharsets.UTF_8));
      return sha.digest(registration.token().getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JVM has SHA-256", impossible);
    }
  }

  /** Whether there is one. */
  public boolean any() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select exists (select from server_push_device)")
                .mapTo(boolean.class)
                .one());
  }

  /** Ends a registration; none is no error. */
  public void remove(long account, String device) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "delete from server_push_device where account_id = :id and device = :device")
                .bind("id", account)
                .bind("device", device)
                .execute());
  }

  /** Ends a registration whose token leads nowhere, unless the device has another one meanwhile. */
  public void gone(PushDevice device) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    "delete from server_push_device where push_id = :id and token = :token")
                .bind("id", device.id())
                .bind("token", device.token())
                .execute());
  }

  /**
   * The devices of an account, for an export; without the token, which is a secret of the device.
   */
  public static List<ObjectNode> export(Jdbi jdbi, Account owner) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select device, kind, hide_content, registered_at from server_push_device
                    where account_id = :id order by push_id""")
                .bind("id", owner.id())
                .map(
                    (row, context) ->
                        JsonObjects.object()
                            .put("device", row.getString(1))
                            .put("kind", row.getString(2))
                            .put("hide_content", row.getBoolean(3))
                            .put(
                                "registered_at", JsonObjects.time(row.getTimestamp(4).toInstant())))
                .list());
  }

  /** The devices of those of the users who have some, of logins that last. */
  public Map<UserId, List<PushDevice>> of(Collection<UserId> users) {
    return jdbi
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select d.push_id, a.username, d.device, d.kind, d.token, d.hide_content,
                               d.failures, coalesce(d.rest_until > now(), false) as rests
                        from unnest(cast(:names as text[])) name
                        join server_account a on lower(a.username) = lower(name)
                          and a.erased_at is null
                        join server_push_device d on d.account_id = a.account_id
                        join server_login l on l.login_id = d.login_id and l.revoked_at is null
                          and (l.expires_at is null or l.expires_at > now())
                        order by d.push_id""")
                    .bindArray("names", String.class, users.stream().map(UserId::value).toArray())
                    .map(
                        (row, context) ->
                            new PushDevice(
                                row.getLong("push_id"),
                                UserId.of(row.getString("username")),
                                row.getString("device"),
                                row.getString("kind"),
                                row.getString("token"),
                                row.getBoolean("hide_content"),
                                row.getInt("failures"),
                                row.getBoolean("rests")))
                    .list())
        .stream()
        .collect(Collectors.groupingBy(PushDevice::user));
  }

  private record Told(long device, long seq) {}

  /** Up to which message of a conversation devices were told; none for those that never were. */
  public Map<Long, Long> told(ConversationId conversation, Collection<Long> devices) {
    return jdbi
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select push_id, seq from server_push_told
                        where conversation_id = :conversation and push_id = any(:devices)""")
                    .bind("conversation", conversation.value())
                    .bindArray("devices", Long.class, devices.toArray())
                    .map((row, context) -> new Told(row.getLong(1), row.getLong(2)))
                    .list())
        .stream()
        .collect(Collectors.toMap(Told::device, Told::seq));
  }

  /** Notes that a device was told, or that this was given up. */
  public void tell(Push push) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into server_push_told (push_id, conversation_id, seq)
                    select push_id, :conversation, :seq from server_push_device
                    where push_id = :id
                    on conflict (push_id, conversation_id) do update
                    set seq = greatest(server_push_told.seq, excluded.seq), told_at = now()""")
                .bind("id", push.device().id())
                .bind("conversation", push.conversation().id().value())
                .bind("seq", push.seq())
                .execute());
  }

  /** What a device was told of a conversation, up to a message, is taken back. */
  public void showsNoMore(PushDevice device, ConversationId conversation, long seq) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    delete from server_push_told
                    where push_id = :id and conversation_id = :conversation and seq <= :seq""")
                .bind("id", device.id())
                .bind("conversation", conversation.value())
                .bind("seq", seq)
                .execute());
  }

  /** Sends nothing to a device for so long. */
  public void rest(PushDevice device, Duration time) {
    rest(device, time, device.failures());
  }

  /** One more notification could not be delivered: the rest is longer each time. */
  public void failed(PushDevice device, Duration rest) {
    rest(device, rest, device.failures() + 1);
  }

  /** The device can be reached. */
  public void works(PushDevice device) {
    if (device.failures() > 0) {
      rest(device, Duration.ZERO, 0);
    }
  }

  private void rest(PushDevice device, Duration time, int failures) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    update server_push_device
                    set rest_until = now() + :millis * interval '1 millisecond',
                        failures = :failures
                    where push_id = :id and token = :token""")
                .bind("id", device.id())
                .bind("token", device.token())
                .bind("millis", time.toMillis())
                .bind("failures", failures)
                .execute());
  }

  /** Removes what nobody asks for any more. */
  public void sweep() {
    jdbi.useHandle(
        handle -> {
          handle.execute("delete from server_push_told where told_at < now() - interval '2 days'");
          handle.execute(
              """
              delete from server_push_device d using server_login l
              where l.login_id = d.login_id
                and (l.revoked_at is not null or l.expires_at < now())""");
        });
  }
}
