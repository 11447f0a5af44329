package chat.engine.internal.user;

import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Emoji;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessageVersion;
import chat.engine.Preferences;
import chat.engine.Privacy;
import chat.engine.Profile;
import chat.engine.Report;
import chat.engine.UserId;
import chat.engine.UserRecord;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.runtime.StoreThreads;
import chat.engine.internal.util.Threads;
import chat.engine.spi.ConversationStore.Found;
import chat.engine.spi.ConversationStore.Membership;
import chat.engine.spi.ConversationStore.Receipt;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.MessageStore.Range;
import chat.engine.spi.UserReplacements.Job;
import chat.engine.spi.UserReplacements.Kind;
import chat.engine.spi.UserReplacements.Naming;
import chat.engine.spi.UserReplacements.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Reads all that is stored of a user, a page at a time; the next one when the sink has room. What
 * it holds is bounded by a page and the ids of the user's conversations. Runs one step at a time,
 * on the store threads.
 */
final class ExportRun {
  private static final int MEMBERSHIPS_AT_ONCE = 100;
  private static final int BLOCKS_AT_ONCE = 500;
  private static final int REPORTS_AT_ONCE = 200;
  private static final int SEQS_AT_ONCE = 2_000;

  /** Of up to 16 KiB each unless the engine is set up otherwise. */
  private static final int MESSAGES_AT_ONCE = 100;

  /** Reads a page, and says whether it has to run again. */
  private interface Step {
    boolean run(List<UserRecord> page);
  }

  private final UserId user;
  private final MessageStore store;
  private final StoreThreads reads;
  private final UserRecord.Sink sink;
  private final Job named;
  private final Deque<Step> steps = new ArrayDeque<>();
  private final List<Step> inFront = new ArrayList<>();
  private final Set<ConversationId> told = new HashSet<>();
  private final CompletableFuture<Void> done = new CompletableFuture<>();

  ExportRun(UserId user, MessageStore store, StoreThreads reads, UserRecord.Sink sink) {
    this.user = user;
    this.store = store;
    this.reads = reads;
    this.sink = sink;
    this.named = new Job(Kind.ERASE, user, user, Place.START); // finds whatever concerns the user
  }

  CompletableFuture<Void> start() {
    steps.add(this::person);
    steps.add(blocks());
    steps.add(memberships());
    steps.add(former());
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
        .submit(
            () -> {
              List<UserRecord> page = new ArrayList<>();
              if (step.run(page)) {
                steps.addFirst(step);
              }
              for (int i = inFront.size() - 1; i >= 0; i--) {
                steps.addFirst(inFront.get(i));
              }
              inFront.clear();
              return page;
            })
        .thenCompose(page -> page.isEmpty() ? CompletableFuture.completedFuture(null) : hand(page))
        .whenComplete(
            (taken, fault) -> {
              if (fault == null) {
                next();
              } else {
                done.completeExceptionally(Errors.toChatException(fault));
              }
            });
  }

  /** Fails with a {@link ChatException}: what the sink throws is no fault of the engine. */
  private CompletionStage<?> hand(List<UserRecord> page) {
    CompletionStage<?> taken;
    try {
      taken = Objects.requireNonNull(sink.take(List.copyOf(page)), "the sink answered null");
    } catch (Throwable fault) {
      Threads.outlived(fault);
      taken = CompletableFuture.failedFuture(fault);
    }
    return taken.exceptionallyCompose(
        fault -> {
          Throwable cause = Errors.cause(fault);
          return CompletableFuture.failedFuture(
              cause instanceof ChatException
                  ? cause
                  : ChatException.internal("the sink of the export failed", cause));
        });
  }

  private boolean person(List<UserRecord> page) {
    List<UserId> one = List.of(user);
    page.add(
        new UserRecord.Person(
            store.profiles().find(one).getOrDefault(user, Profile.empty(user)),
            store.privacy().find(one).getOrDefault(user, Privacy.OPEN),
            store.lastSeen().find(one).get(user)));
    return false;
  }

  private Step blocks() {
    return new Step() {
      private @Nullable UserId after;

      @Override
      public boolean run(List<UserRecord> page) {
        List<UserId> some = store.blocks().blockedBy(user, after, BLOCKS_AT_ONCE);
        for (UserId other : some) {
          page.add(new UserRecord.Blocks(other));
          after = other;
        }
        return some.size() == BLOCKS_AT_ONCE;
      }
    };
  }

  private Step memberships() {
    return new Step() {
      private @Nullable ConversationId after;

      @Override
      public boolean run(List<UserRecord> page) {
        List<Membership> some = store.conversations().memberships(user, after, MEMBERSHIPS_AT_ONCE);
        for (Membership membership : some) {
          after = membership.conversation().id();
          tell(after);
        }
        return some.size() == MEMBERSHIPS_AT_ONCE;
      }
    };
  }

  /** Conversations that the user has left. */
  private Step former() {
    return new Step() {
      private Place reached = Place.START;

      @Override
      public boolean run(List<UserRecord> page) {
        Naming naming = store.replacements().naming(user, reached, ReplacementRun.LOG_AT_ONCE);
        naming.conversations().stream().sorted().forEach(id -> tell(id));
        Place next = naming.next();
        reached = next == null ? reached : next;
        return next != null;
      }
    };
  }

  private void tell(ConversationId id) {
    if (told.add(id)) {
      inFront.add(page -> conversation(id, page));
      inFront.add(messages(id));
      inFront.add(reports(id));
    }
  }

  private boolean conversation(ConversationId id, List<UserRecord> page) {
    Found found = store.conversations().find(List.of(id)).get(id);
    if (found != null) {
      Preferences preferences =
          store.conversations().receipts(Map.of(id, Set.of(user))).stream()
              .map(Receipt::preferences)
              .findFirst()
              .orElse(Preferences.NONE);
      Member member = store.conversations().member(id, user).orElse(null);
      Conversation conversation = found.conversation();
      if (member == null && conversation.kind() == ConversationKind.GROUP) {
        conversation = Conversation.group(id, "", conversation.createdAt()); // of others now
      }
      page.add(new UserRecord.InConversation(conversation, member, preferences));
    }
    return false;
  }

  private Step messages(ConversationId id) {
    return new Step() {
      private long upToSeq = -1;
      private long read;

      @Override
      public boolean run(List<UserRecord> page) {
        if (upToSeq < 0) {
          upToSeq = store.lastSeqs(List.of(id)).getOrDefault(id, 0L);
        }
        long end = Math.min(upToSeq, read + SEQS_AT_ONCE);
        List<Long> seqs =
            read < end ? store.replacements().messages(named, id, read, end) : List.<Long>of();
        for (int from = 0; from < seqs.size(); from += MESSAGES_AT_ONCE) {
          List<Long> some = seqs.subList(from, Math.min(from + MESSAGES_AT_ONCE, seqs.size()));
          inFront.add(
              of -> {
                read(id, some, of);
                return false;
              });
        }
        read = end;
        return read < upToSeq;
      }
    };
  }

  private Step reports(ConversationId id) {
    return new Step() {
      private long afterSeq;

      @Override
      public boolean run(List<UserRecord> page) {
        List<Report> some = store.reports().by(user, id, afterSeq, REPORTS_AT_ONCE);
        for (Report report : some) {
          afterSeq = report.seq();
          page.add(new UserRecord.Reported(id, report.seq(), report.reason(), report.reportedAt()));
        }
        return some.size() == REPORTS_AT_ONCE;
      }
    };
  }

  /** On a page of their own, since they may be as long as many messages. */
  private void versions(Message message) {
    if (message.editedAt() != null) { // only edits keep some
      MessagePlace place = new MessagePlace(message.conversation(), message.seq());
      inFront.add(
          page -> {
            versions(place, page);
            return false;
          });
    }
  }

  private void versions(MessagePlace place, List<UserRecord> page) {
    List<MessageVersion> found = store.versions(place, 0, MessageVersion.MAX_PER_MESSAGE + 1);
    for (MessageVersion version : found.subList(0, Math.max(0, found.size() - 1))) {
      page.add( // the last is the present one
          new UserRecord.WroteBefore(place.conversation(), place.seq(), version));
    }
  }

  private void read(ConversationId id, List<Long> seqs, List<UserRecord> page) {
    Map<MessagePlace, Set<Emoji>> given = new HashMap<>();
    List<MessagePlace> places = seqs.stream().map(seq -> new MessagePlace(id, seq)).toList();
    given.putAll(store.reactionsOf(user, places));
    for (MessagePlace place : places) {
      Range one = new Range(id, place.seq() - 1, place.seq(), 1);
      for (Message message : store.ranges(List.of(one)).getOrDefault(id, List.of())) {
        if (message.from().equals(user) && !message.deleted()) {
          page.add(
              new UserRecord.Wrote(message.withReplyPreview(null))); // which is of another user
          versions(message);
        }
      }
      Set<Emoji> emojis = given.get(place);
      if (emojis != null && !emojis.isEmpty()) {
        page.add(new UserRecord.Reacted(id, place.seq(), emojis));
      }
    }
  }
}
