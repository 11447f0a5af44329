package chat.engine.memory.conversation;

import chat.engine.Message;
import chat.engine.PinnedMessage;
import chat.engine.UserId;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/** The pinned messages of one conversation. Guarded by the store's lock. */
final class StoredPins {
  private record Pinned(long seq, UserId by, Instant at, long rev) {}

  private final Map<Long, Pinned> bySeq = new HashMap<>();

  void copyTo(StoredPins copy) {
    copy.bySeq.putAll(bySeq);
  }

  int count() {
    return bySeq.size();
  }

  /** Of the change that pinned the message; 0 if it is not pinned. */
  long rev(long seq) {
    Pinned pinned = bySeq.get(seq);
    return pinned == null ? 0 : pinned.rev();
  }

  void pin(long seq, UserId by, Instant at, long rev) {
    bySeq.put(seq, new Pinned(seq, by, at, rev));
  }

  void unpin(long seq) {
    bySeq.remove(seq);
  }

  void replace(UserId user, UserId replacement) {
    bySeq.replaceAll(
        (seq, pinned) ->
            pinned.by().equals(user)
                ? new Pinned(seq, replacement, pinned.at(), pinned.rev())
                : pinned);
  }

  private Stream<Pinned> newestFirst() {
    return bySeq.values().stream().sorted(Comparator.comparingLong(Pinned::rev).reversed());
  }

  List<Long> seqs() {
    return newestFirst().map(Pinned::seq).toList();
  }

  /** See {@link chat.engine.spi.MessageStore#pins}. */
  List<PinnedMessage> page(long beforeRev, int limit, LongFunction<Message> messages) {
    return newestFirst()
        .filter(pinned -> pinned.rev() < beforeRev)
        .limit(limit)
        .map(
            pinned ->
                new PinnedMessage(
                    messages.apply(pinned.seq()), pinned.by(), pinned.at(), pinned.rev()))
        .toList();
  }
}
