package chat.engine.memory.conversation;

import chat.engine.ClientMessageId;
import chat.engine.Message;
import chat.engine.ReplyPreview;
import chat.engine.UserId;
import chat.engine.spi.Draft;
import chat.engine.spi.StoredMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a conversation, by their seqs and by the ids that their senders gave them. That
 * of the first seq is at index 0, so a page is a piece of a list. Guarded by the store's lock.
 */
final class StoredMessages {
  private record Key(UserId sender, ClientMessageId clientMessageId) {
    static Key of(Message message) {
      return new Key(message.from(), message.clientMessageId());
    }
  }

  /** What was sent first under a client message id. */
  record First(long seq, long contentHash) {}

  private final List<StoredMessage> all = new ArrayList<>();
  private final Map<Key, First> byKey = new HashMap<>();

  /** Of the first of the messages, or of the next one if there are none. */
  private long firstSeq = 1;

  void copyTo(StoredMessages copy) {
    copy.all.addAll(all);
    copy.byKey.putAll(byKey);
    copy.firstSeq = firstSeq;
  }

  long firstSeq() {
    return firstSeq;
  }

  long lastSeq() {
    return firstSeq - 1 + all.size();
  }

  boolean has(long seq) {
    return seq >= firstSeq && seq <= lastSeq();
  }

  private int index(long seq) {
    return (int) (seq - firstSeq);
  }

  Message at(long seq) {
    return all.get(index(seq)).message();
  }

  @Nullable Instant oldest() {
    return all.isEmpty() ? null : all.get(0).message().createdAt();
  }

  @Nullable First first(Draft draft) {
    return byKey.get(new Key(draft.sender(), draft.clientMessageId()));
  }

  StoredMessage withPreview(First first) {
    return withPreview(all.get(index(first.seq())));
  }

  /** Behind the last one. */
  void add(StoredMessage stored, long contentHash) {
    all.add(stored);
    Message message = stored.message();
    byKey.put(Key.of(message), new First(message.seq(), contentHash));
  }

  /** In the place of the one with its seq. */
  void put(Message changed) {
    int index = index(changed.seq());
    all.set(index, new StoredMessage(changed, all.get(index).membersRev()));
  }

  /**
   * A retry finds the message under its new sender.
   *
   * @param forgets whether it is to find nothing that is equal
   */
  void changeSender(Message before, Message after, boolean forgets) {
    First first = byKey.remove(Key.of(before));
    long hash = forgets || first == null ? 0 : first.contentHash();
    byKey.put(Key.of(after), new First(after.seq(), hash));
  }

  /** Takes out those from the first one on that were created before a time. */
  List<Message> expire(Instant before, int limit) {
    List<Message> gone =
        all.stream()
            .limit(limit)
            .map(StoredMessage::message)
            .takeWhile(message -> message.createdAt().isBefore(before))
            .toList();
    gone.forEach(message -> byKey.remove(Key.of(message)));
    all.subList(0, gone.size()).clear();
    firstSeq += gone.size();
    return gone;
  }

  Message withPreview(Message message) {
    Long replyTo = message.replyTo();
    return replyTo == null || message.deleted() || replyTo < firstSeq
        ? message
        : message.withReplyPreview(ReplyPreview.of(at(replyTo)));
  }

  private StoredMessage withPreview(StoredMessage stored) {
    return new StoredMessage(withPreview(stored.message()), stored.membersRev());
  }

  /** Messages {@code afterSeq < seq <= upToSeq}, the first ones up to the limit. */
  List<StoredMessage> page(long afterSeq, long upToSeq, int limit) {
    long gone = firstSeq - 1;
    return page(all, Math.max(gone, afterSeq) - gone, upToSeq - gone, limit).stream()
        .map(this::withPreview)
        .toList();
  }

  /** Messages up to a seq that changed after a rev, the first ones by their revs. */
  List<Message> changedAfter(long rev, long upToSeq, int limit) {
    return all.stream()
        .map(StoredMessage::message)
        .filter(message -> message.rev() > rev && message.seq() <= upToSeq)
        .sorted(Comparator.comparingLong(Message::rev))
        .limit(limit)
        .map(this::withPreview)
        .toList();
  }

  static <T> List<T> page(List<T> all, long after, long upTo, int limit) {
    int from = (int) Math.min(Math.max(0, after), all.size());
    int to = (int) Math.min(Math.min(upTo, all.size()), (long) from + limit);
    return to <= from ? List.of() : List.copyOf(all.subList(from, to));
  }
}
