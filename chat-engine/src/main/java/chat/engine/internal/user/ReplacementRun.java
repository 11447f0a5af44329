package chat.engine.internal.user;

import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Member;
import chat.engine.MemberList;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.internal.conversation.Announcer;
import chat.engine.internal.conversation.ConversationDirectory;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.spi.AppendOutcome;
import chat.engine.spi.ConversationStore;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.Deletion;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Reattribution;
import chat.engine.spi.UserReplacements;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.spi.UserReplacements.Naming;
import chat.engine.spi.UserReplacements.Place;
import chat.engine.spi.Write;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One walk through the store that replaces a user, or deletes their messages: a stack of steps,
 * each of them one transaction or a few reads, which may put others in front of it. Every step can
 * be repeated, by this node or another one. Runs one step at a time, on the store threads.
 */
final class ReplacementRun {
  /** Entries; about 10 ms of work for PostgreSQL, as the pieces below. */
  static final int LOG_AT_ONCE = 5_000;

  private static final int MEMBERSHIPS_AT_ONCE = 100;
  private static final int SEQS_AT_ONCE = 2_000;
  private static final int MESSAGES_AT_ONCE = 200;
  private static final int DELETED_AT_ONCE = 1_000;

  /** For how long a batch waits for a conversation that others write to. */
  private static final Duration LOCK_WAIT = Duration.ofSeconds(1);

  /** How often others are told that this goes on. */
  private static final Duration NOTED = Duration.ofSeconds(2);

  /** Something to do. */
  private interface Step {
    /** Returns whether it has to run again. */
    boolean run();
  }

  private final Job job;
  private final MessageStore store;
  private final ConversationStore conversations;
  private final UserReplacements replacements;
  private final ConversationDirectory directory;
  private final Announcer announcer;
  private final InstantSource clock;
  private final StoreThreads reads;
  private final Consumer<UserId> endSessions;
  private final Deque<Step> steps = new ArrayDeque<>();
  private final List<Step> inFront = new ArrayList<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private Place reached;
  private boolean noted;
  private long notedAt = System.nanoTime();

  ReplacementRun(
      Job job,
      MessageStore store,
      ConversationDirectory directory,
      Announcer announcer,
      InstantSource clock,
      StoreThreads reads,
      Consumer<UserId> endSessions) {
    this.job = job;
    this.store = store;
    this.conversations = store.conversations();
    this.replacements = store.replacements();
    this.directory = directory;
    this.announcer = announcer;
    this.clock = clock;
    this.reads = reads;
    this.endSessions = endSessions;
    this.reached = job.reached();
  }

  /** Completes when everything is done. To be called once. */
  CompletableFuture<Void> start() {
    noted = true;
    steps.add(this::endSessions);
    steps.add(memberships());
    steps.add(this::readLog);
    steps.add(this::eraseDeleted);
    steps.add(memberships()); // that began meanwhile
    steps.add(this::finish);
    steps.add(this::endSessions);
    next();
    return done;
  }

  /** The same for one conversation, without a note in the store. */
  CompletableFuture<Void> only(ConversationId conversation) {
    steps.add(messages(conversation));
    next();
    return done;
  }

  private void next() {
    Step step = steps.poll();
    if (step == null) {
      done.complete(null);
      return;
    }
    reads
        .submit(() -> step.run())
        .whenComplete(
            (again, fault) -> {
              if (fault != null) {
                done.completeExceptionally(fault);
                return;
              }
              if (again) {
                steps.addFirst(step);
              }
              for (int i = inFront.size() - 1; i >= 0; i--) {
                steps.addFirst(inFront.get(i));
              }
              inFront.clear();
              next();
            });
  }

  private boolean replaces() {
    return job.kind() != Kind.DELETE_MESSAGES;
  }

  private boolean endSessions() {
    if (replaces()) {
      endSessions.accept(job.user());
    }
    return false;
  }

  private boolean finish() {
    replacements.finish(job, now());
    return false;
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  /** Tells other nodes from time to time that they need not go on with this. */
  private void note() {
    if (noted && System.nanoTime() - notedAt > NOTED.toNanos()) {
      notedAt = System.nanoTime();
      replacements.reached(job, reached);
    }
  }

  // ---- which conversations

  private Step memberships() {
    return new Step() {
      private @Nullable ConversationId after;

      @Override
      public boolean run() {
        List<Membership> page = conversations.memberships(job.user(), after, MEMBERSHIPS_AT_ONCE);
        for (Membership membership : page) {
          after = membership.conversation().id();
          inFront.add(conversation(after));
        }
        return page.size() == MEMBERSHIPS_AT_ONCE;
      }
    };
  }

  /** Finds those of which the user is no member any more. */
  private boolean readLog() {
    if (!reached.equals(job.reached())) {
      replacements.reached(job, reached); // all that was found up to there is done
    }
    Naming naming = replacements.naming(job.user(), reached, LOG_AT_ONCE);
    naming.conversations().forEach(id -> inFront.add(conversation(id)));
    if (naming.next() == null) {
      return false;
    }
    reached = naming.next();
    return true;
  }

  /** Texts of conversations that were deleted and are on their way out. */
  private boolean eraseDeleted() {
    if (job.erases()) {
      for (ConversationId id : conversations.unerased(DELETED_AT_ONCE)) {
        inFront.add(() -> conversations.erase(id, DELETED_AT_ONCE));
      }
    }
    return false;
  }

  // ---- in a conversation

  private Step conversation(ConversationId id) {
    return () -> {
      if (replaces()) {
        inFront.add(() -> endMembership(id));
      }
      inFront.add(messages(id));
      if (replaces()) {
        inFront.add(rows(id));
      }
      return false;
    };
  }

  private boolean endMembership(ConversationId id) {
    note();
    ConversationDirectory.Entry entry = directory.lookUp(id);
    if (entry == null) {
      return false; // it was deleted
    }
    if (job.erases() && entry.conversation().kind() == ConversationKind.GROUP) {
      return leave(id);
    }
    announce(replacements.replaceMember(job, id, now()));
    return false;
  }

  /** An owner is followed by the admin, else the member, who joined first. */
  private boolean leave(ConversationId group) {
    MemberList list = conversations.members(group).orElse(null);
    Member own =
        list == null
            ? null
            : list.members().stream()
                .filter(member -> member.user().equals(job.user()))
                .findFirst()
                .orElse(null);
    if (list == null || own == null) {
      return false;
    }
    List<Change> changes = new ArrayList<>();
    changes.add(Change.removed(List.of(job.user())));
    if (own.role() == Role.OWNER) {
      list.members().stream()
          .filter(member -> !member.user().equals(own.user()))
          .min(
              Comparator.comparing(Member::role) // in the order of their rights
                  .thenComparingLong(Member::joinedRev)
                  .thenComparing(Member::user))
          .ifPresent(heir -> changes.add(Change.roleSet(List.of(heir.user()), Role.OWNER)));
    }
    Optional<Changed> made = conversations.change(group, list.rev(), changes, UserId.SYSTEM, now());
    announce(made);
    return made.isEmpty(); // somebody was faster
  }

  private void announce(Optional<Changed> made) {
    made.ifPresent(changed -> announcer.changed(changed.conversation(), changed.changes()));
  }

  private Step messages(ConversationId id) {
    return new Step() {
      private long upToSeq = -1;
      private long read;

      @Override
      public boolean run() {
        note();
        if (upToSeq < 0) { // the user has not written behind it, or it is not asked for
          upToSeq = store.lastSeqs(List.of(id)).getOrDefault(id, 0L);
        }
        long end = Math.min(upToSeq, read + SEQS_AT_ONCE);
        List<Long> seqs = read < end ? replacements.messages(job, id, read, end) : List.<Long>of();
        for (int from = 0; from < seqs.size(); from += MESSAGES_AT_ONCE) {
          List<Long> some = seqs.subList(from, Math.min(from + MESSAGES_AT_ONCE, seqs.size()));
          inFront.add(() -> rewrite(id, some));
        }
        read = end;
        return read < upToSeq;
      }
    };
  }

  private boolean rewrite(ConversationId id, List<Long> seqs) {
    Instant now = now();
    List<Write> writes =
        seqs.stream()
            .<Write>map(
                seq ->
                    replaces()
                        ? new Reattribution(
                            id, seq, job.user(), job.replacement(), job.erases(), now)
                        : new Deletion(id, seq, UserId.SYSTEM, Set.of(), now))
            .toList();
    List<ConversationChange> made = new ArrayList<>();
    for (AppendOutcome outcome : store.append(writes, LOCK_WAIT)) {
      if (outcome instanceof AppendOutcome.Locked) {
        return true;
      }
      if (outcome instanceof AppendOutcome.Changed changed) {
        made.add(changed.change());
      }
    }
    ConversationDirectory.Entry entry = directory.lookUp(id);
    if (entry != null && !made.isEmpty()) {
      Conversation conversation = entry.conversation();
      announcer.changed(conversation, made);
    }
    return false;
  }

  private Step rows(ConversationId id) {
    return new Step() {
      private long afterRev;

      @Override
      public boolean run() {
        note();
        afterRev = replacements.replaceRows(job, id, afterRev);
        return afterRev >= 0;
      }
    };
  }
}
