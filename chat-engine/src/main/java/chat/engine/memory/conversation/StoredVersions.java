package chat.engine.memory.conversation;

import chat.engine.Message;
import chat.engine.MessageVersion;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the messages of one conversation said before. Guarded by the store's lock. */
final class StoredVersions {
  private final Map<Long, Deque<MessageVersion>> bySeq = new HashMap<>();

  void copyTo(StoredVersions copy) {
    bySeq.forEach((seq, versions) -> copy.bySeq.put(seq, new ArrayDeque<>(versions)));
  }

  /** An edit replaces what the message says. */
  void keep(Message before) {
    Deque<MessageVersion> versions =
        bySeq.computeIfAbsent(before.seq(), none -> new ArrayDeque<>());
    versions.add(MessageVersion.of(before, next(versions)));
    if (versions.size() > MessageVersion.MAX_PER_MESSAGE) {
      versions.remove();
    }
  }

  private static long next(Deque<MessageVersion> versions) {
    return versions.isEmpty() ? 1 : versions.getLast().number() + 1;
  }

  void forget(long seq) {
    bySeq.remove(seq);
  }

  /** See {@link chat.engine.spi.MessageStore#versions}. */
  List<MessageVersion> page(Message present, long after, int limit) {
    Deque<MessageVersion> versions = bySeq.getOrDefault(present.seq(), new ArrayDeque<>());
    return Stream.concat(versions.stream(), Stream.of(MessageVersion.of(present, next(versions))))
        .filter(version -> version.number() > after)
        .limit(limit)
        .toList();
  }
}
