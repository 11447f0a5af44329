package chat.engine.memory;

import chat.engine.ConversationId;
import chat.engine.UserId;
import chat.engine.memory.conversation.InMemoryConversations;
import chat.engine.memory.conversation.StoredConversation;
import chat.engine.spi.ConversationStore.Changed;
import chat.engine.spi.UserReplacements;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Replaces users in memory; the monitor of the conversations is the lock. What was done is
 * remembered as long as the store lives.
 */
final class InMemoryUserReplacements implements UserReplacements {
  private record Key(Kind kind, UserId user) {}

  private record Open(Job job, long workedAt) {}

  private final InMemoryConversations conversations;
  private final InMemoryLastSeen lastSeen;
  private final InMemoryProfiles profiles;
  private final Map<Key, Open> open = new HashMap<>();
  private final Set<Key> done = new HashSet<>();

  InMemoryUserReplacements(
      InMemoryConversations conversations, InMemoryLastSeen lastSeen, InMemoryProfiles profiles) {
    this.conversations = conversations;
    this.lastSeen = lastSeen;
    this.profiles = profiles;
  }

  @Override
  public Job begin(Kind kind, UserId user, UserId replacement, Instant now) {
    synchronized (conversations) {
      Key key = new Key(kind, user);
      Open before = open.get(key);
      Job job = before != null ? before.job() : new Job(kind, user, replacement, Place.START);
      open.put(key, new Open(job, System.nanoTime()));
      done.remove(key);
      if (kind != Kind.DELETE_MESSAGES) {
        lastSeen.refuse(user);
      }
      return job;
    }
  }

  @Override
  public Optional<Job> find(Kind kind, UserId user) {
    synchronized (conversations) {
      return Optional.ofNullable(open.get(new Key(kind, user))).map(Open::job);
    }
  }

  @Override
  public boolean isDone(Kind kind, UserId user) {
    synchronized (conversations) {
      return done.contains(new Key(kind, user));
    }
  }

  @Override
  public List<Job> claim(Duration idle, int limit) {
    synchronized (conversations) {
      long now = System.nanoTime();
      List<Job> claimed = new ArrayList<>();
      for (Map.Entry<Key, Open> entry : open.entrySet()) {
        if (now - entry.getValue().workedAt() >= idle.toNanos() && claimed.size() < limit) {
          entry.setValue(new Open(entry.getValue().job(), now));
          claimed.add(entry.getValue().job());
        }
      }
      return claimed;
    }
  }

  @Override
  public void reached(Job job, Place place) {
    synchronized (conversations) {
      open.computeIfPresent(
          new Key(job.kind(), job.user()),
          (key, before) ->
              new Open(
                  new Job(job.kind(), job.user(), job.replacement(), place), System.nanoTime()));
    }
  }

  @Override
  public boolean isInUse(UserId user) {
    synchronized (conversations) {
      return conversations.knows(user)
          || conversations.blocks().concerns(user)
          || conversations.privacy().knows(user)
          || profiles.knows(user)
          || !lastSeen.find(Set.of(user)).isEmpty()
          || open.values().stream()
              .map(Open::job)
              .anyMatch(job -> job.user().equals(user) || job.replacement().equals(user));
    }
  }

  @Override
  public Naming naming(UserId user, Place after, int limit) {
    synchronized (conversations) {
      return new Naming(conversations.naming(user), null);
    }
  }

  @Override
  public Optional<Changed> replaceMember(Job job, ConversationId id, Instant now) {
    synchronized (conversations) {
      return conversations.replaceMember(job, id, now);
    }
  }

  @Override
  public List<Long> messages(Job job, ConversationId id, long afterSeq, long upToSeq) {
    synchronized (conversations) {
      StoredConversation stored = conversations.find(id);
      return stored == null ? List.of() : stored.messagesOf(job, afterSeq, upToSeq);
    }
  }

  @Override
  public long replaceRows(Job job, ConversationId id, long afterRev) {
    synchronized (conversations) {
      conversations.replaceRows(job, id);
      return -1;
    }
  }

  @Override
  public void finish(Job job, Instant now) {
    synchronized (conversations) {
      Key key = new Key(job.kind(), job.user());
      if (job.kind() == Kind.RENAME) {
        lastSeen.rename(job.user(), job.replacement());
      } else if (job.erases()) {
        lastSeen.forget(job.user());
      }
      if (job.kind() != Kind.DELETE_MESSAGES) {
        conversations.replaceElsewhere(job);
        profiles.replace(job.user(), job.erases() ? null : job.replacement());
      }
      open.remove(key);
      done.add(key);
    }
  }

  @Override
  public Set<UserId> recent(Set<UserId> users) {
    synchronized (conversations) {
      Set<UserId> found = new HashSet<>(users);
      found.removeIf(
          user ->
              List.of(Kind.ERASE, Kind.RENAME).stream()
                  .map(kind -> new Key(kind, user))
                  .noneMatch(key -> done.contains(key) || open.containsKey(key)));
      return found;
    }
  }
}
