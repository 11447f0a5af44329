package chat.engine.postgres.user;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.postgres.connection.Transactions;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.UserReplacements;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Replaces users in all tables; see {@link UserColumns}. Thread-safe. */
public final class PostgresUserReplacements implements UserReplacements {
  private final Transactions transactions;

  public PostgresUserReplacements(Transactions transactions) {
    this.transactions = transactions;
  }

  @Override
  public Job begin(Kind kind, UserId user, UserId replacement, Instant now) {
    return transactions.write(
        handle -> {
          Job job = ReplacementJobs.begin(handle.getConnection(), kind, user, replacement);
          if (kind == Kind.RENAME) {
            UserColumns.copyBlocks(handle.getConnection(), job);
          }
          return job;
        });
  }

  @Override
  public Optional<Job> find(Kind kind, UserId user) {
    return transactions.read(handle -> ReplacementJobs.find(handle.getConnection(), kind, user));
  }

  @Override
  public boolean isDone(Kind kind, UserId user) {
    return transactions.read(handle -> ReplacementJobs.isDone(handle.getConnection(), kind, user));
  }

  @Override
  public List<Job> claim(Duration idle, int limit) {
    return transactions.write(handle -> ReplacementJobs.claim(handle.getConnection(), idle, limit));
  }

  @Override
  public void reached(Job job, Place place) {
    transactions.write(
        handle -> {
          ReplacementJobs.reached(handle.getConnection(), job, place);
          return job;
        });
  }

  @Override
  public boolean isInUse(UserId user) {
    return transactions.read(handle -> UserColumns.isInUse(handle.getConnection(), user));
  }

  @Override
  public Naming naming(UserId user, Place after, int limit) {
    return transactions.read(
        handle -> ConversationUsers.naming(handle.getConnection(), user, after, limit));
  }

  @Override
  public Optional<Changed> replaceMember(Job job, ConversationId id, Instant now) {
    return transactions.write(
        handle -> MemberReplacement.make(handle.getConnection(), job, id, now));
  }

  @Override
  public List<Long> messages(Job job, ConversationId id, long afterSeq, long upToSeq) {
    return transactions.read(
        handle -> ConversationUsers.messages(handle.getConnection(), job, id, afterSeq, upToSeq));
  }

  @Override
  public long replaceRows(Job job, ConversationId id, long afterRev) {
    return transactions.write(
        handle -> {
          if (afterRev == 0) {
            UserColumns.replaceIn(handle.getConnection(), job, id);
          }
          return ConversationUsers.replaceInLog(handle.getConnection(), job, id, afterRev);
        });
  }

  @Override
  public void finish(Job job, Instant now) {
    transactions.write(
        handle -> {
          if (job.kind() != Kind.DELETE_MESSAGES) {
            UserColumns.finish(handle.getConnection(), job);
          }
          ReplacementJobs.finish(handle.getConnection(), job);
          return job;
        });
  }

  @Override
  public Set<UserId> recent(Set<UserId> users) {
    return users.isEmpty()
        ? Set.of()
        : transactions.read(handle -> ReplacementJobs.recent(handle.getConnection(), users));
  }
}
