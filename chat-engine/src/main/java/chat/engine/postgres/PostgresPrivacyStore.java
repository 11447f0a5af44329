package chat.engine.postgres;

import chat.engine.Privacy;
import chat.engine.PrivacyEdit;
import chat.engine.UserId;
import chat.engine.postgres.connection.Transactions;
import chat.engine.postgres.user.PrivacyRows;
import chat.engine.spi.PrivacyStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/** Privacy settings in {@code chat_privacy}. */
final class PostgresPrivacyStore implements PrivacyStore {
  private final Transactions transactions;

  PostgresPrivacyStore(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public SetOutcome set(UserId user, PrivacyEdit edit, Instant now) {
    return transactions.write(handle -> set(handle.getConnection(), user, edit, now));
  }

  private static SetOutcome set(Connection connection, UserId user, PrivacyEdit edit, Instant now)
      throws SQLException {
    PrivacyRows.Locked before = PrivacyRows.lock(connection, user);
    Privacy after = edit.applyTo(before.privacy());
    if (after.equals(before.privacy())) {
      return new SetOutcome.Done(after, false);
    }
    Instant shownAt = before.shownAt();
    if (after.readReceipts() && !before.privacy().readReceipts()) {
      Duration since = shownAt == null ? SHOWN_AGAIN_PERIOD : Duration.between(shownAt, now);
      if (!since.isNegative() && since.compareTo(SHOWN_AGAIN_PERIOD) < 0) {
        return new SetOutcome.TooSoon(SHOWN_AGAIN_PERIOD.minus(since));
      }
      shownAt = now;
      PrivacyRows.showReceiptsAgain(connection, user, MOST_SHOWN_AGAIN);
    }
    PrivacyRows.update(connection, user, new PrivacyRows.Locked(after, shownAt));
    return new SetOutcome.Done(after, true);
  }

  @Override
  public Map<UserId, Privacy> find(Collection<UserId> users) {
    return users.isEmpty()
        ? Map.of()
        : transactions.read(handle -> PrivacyRows.find(handle.getConnection(), users));
  }

  @Override
  public Set<UserId> directPeers(UserId user, Set<UserId> others) {
    return others.isEmpty()
        ? Set.of()
        : transactions.read(
            handle -> PrivacyRows.directPeers(handle.getConnection(), user, others));
  }
}
