package chat.engine.internal.sync;

import chat.engine.ChatException;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessagePage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.PinnedMessage;
import chat.engine.SearchHit;
import chat.engine.SearchPage;
import chat.engine.UserId;
import chat.engine.UserReactions;
import chat.engine.internal.runtime.Errors;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.MessagePlace;
import chat.engine.spi.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of a conversation for those who are in it. Blocks: call it on a store thread.
 * Thread-safe.
 */
public final class HistoryReader {
  private final MessageStore store;
  private final int answerBytes;

  /**
   * @param answerBytes what the messages of a page may take, as {@link AnswerBudget} counts
   */
  public HistoryReader(MessageStore store, int answerBytes) {
    this.store = store;
    this.answerBytes = answerBytes;
  }

  /**
   * @throws ChatException {@code NOT_FOUND} for one who is no member
   */
  public MessagePage read(UserId user, ConversationId id, HistoryQuery query) {
    return switch (query.direction()) {
      case BEFORE -> before(user, id, query);
      case AFTER -> after(user, id, query);
      case AROUND -> around(user, id, query);
    };
  }

  private MessagePage before(UserId user, ConversationId id, HistoryQuery query) {
    List<Message> read = store.before(id, query.seq(), query.limit() + 1);
    long readable = readableAfter(user, id);
    List<Message> messages = above(readable, read);
    List<Message> page = AnswerBudget.lastPage(messages, query.limit(), answerBytes);
    return seen(user, id, readable, new MessagePage(page, page.size() < messages.size()));
  }

  private MessagePage after(UserId user, ConversationId id, HistoryQuery query) {
    ReadablePart found = readableFrom(user, id, query.seq(), query.limit() + 1);
    List<Message> messages = found.messages();
    if (messages.isEmpty()) {
      requireReached(id, query.seq());
    }
    List<Message> page = AnswerBudget.firstPage(messages, query.limit(), answerBytes);
    return seen(user, id, found.after(), new MessagePage(page, page.size() < messages.size()));
  }

  private MessagePage around(UserId user, ConversationId id, HistoryQuery query) {
    List<Message> below = store.before(id, query.seq(), query.limit() + 1);
    ReadablePart from = readableFrom(user, id, Math.max(0, query.seq() - 1), query.limit() + 1);
    if (from.messages().isEmpty()) {
      requireReached(id, query.seq());
    }
    MessagePage page = nearest(above(from.after(), below), from.messages(), query.limit());
    return seen(user, id, from.after(), page);
  }

  private MessagePage seen(UserId user, ConversationId id, long readable, MessagePage page) {
    return page.withMessages(OwnMarks.mark(store, user, page.messages(), Map.of(id, readable)));
  }

  /** Messages that a member may read, and the seq above which that is. */
  private record ReadablePart(List<Message> messages, long after) {}

  /** The first messages above a seq that the user may read. */
  private ReadablePart readableFrom(UserId user, ConversationId id, long seq, int limit) {
    long from = seq;
    while (true) {
      List<Message> messages = messagesAfter(id, from, limit);
      long readable = readableAfter(user, id);
      if (readable <= from) {
        return new ReadablePart(messages, readable);
      }
      from = readable;
    }
  }

  private static List<Message> above(long seq, List<Message> messages) {
    return seq == 0 ? messages : messages.stream().filter(one -> one.seq() > seq).toList();
  }

  /** From the middle outwards, in turn, as far as there is room. */
  private MessagePage nearest(List<Message> below, List<Message> from, int limit) {
    int down = 0;
    int up = 0;
    long room = answerBytes;
    while (down + up < limit && (down < below.size() || up < from.size())) {
      boolean upwards = up < from.size() && (up <= down || down == below.size());
      Message next = upwards ? from.get(up) : below.get(below.size() - 1 - down);
      room -= AnswerBudget.size(next);
      if (room < 0 && down + up > 0) {
        break;
      }
      if (upwards) {
        up++;
      } else {
        down++;
      }
    }
    List<Message> page = new ArrayList<>(below.subList(below.size() - down, below.size()));
    page.addAll(from.subList(0, up));
    return new MessagePage(page, new MessagePage.Sides(down < below.size(), up < from.size()));
  }

  /**
   * The same page as its reader, who is a user, may see it: without what the reader may not read.
   */
  public SearchPage marked(UserId reader, SearchPage page) {
    Set<ConversationId> places =
        page.hits().stream().map(hit -> hit.message().conversation()).collect(Collectors.toSet());
    Map<ConversationId, Long> readable =
        places.isEmpty() ? Map.of() : store.conversations().readableAfter(reader, places);
    List<SearchHit> hits =
        page.hits().stream().filter(hit -> isReadable(hit.message(), readable)).toList();
    OwnMarks own = OwnMarks.read(store, reader, hits.stream().map(SearchHit::message), readable);
    return new SearchPage(
        hits.stream().map(hit -> new SearchHit(own.on(hit.message()), hit.highlights())).toList(),
        page.next(),
        page.indexing());
  }

  private static boolean isReadable(Message message, Map<ConversationId, Long> readable) {
    Long after = readable.get(message.conversation());
    return after != null && message.seq() > after;
  }

  /**
   * A page of those who react to a message.
   *
   * @throws ChatException {@code NOT_FOUND} for one who is no member, and for no such message
   */
  public Page<UserReactions> reactions(
      UserId user, ConversationId id, long seq, @Nullable Emoji emoji, PageQuery<UserId> query) {
    List<UserReactions> found =
        store.reactions(new MessagePlace(id, seq), emoji, query.after(), query.limit() + 1);
    requireReadable(user, id, seq, found.isEmpty());
    return Page.of(found, query.limit());
  }

  /**
   * To be asked after a read about a message, as {@link #requireMember}.
   *
   * @param nothing whether nothing was read, so that there may be no such message
   * @throws ChatException {@code NOT_FOUND} for one who may not read the message, and for none
   */
  void requireReadable(UserId user, ConversationId id, long seq, boolean nothing) {
    long readable = readableAfter(user, id);
    if (seq <= readable || (nothing && seq > store.lastSeqs(List.of(id)).getOrDefault(id, 0L))) {
      throw ChatException.notFound("conversation " + id + " has no message " + seq);
    }
  }

  /**
   * A page of the pinned messages.
   *
   * @throws ChatException {@code NOT_FOUND} for one who is no member
   */
  public Page<PinnedMessage> pins(UserId user, ConversationId id, PageQuery<Long> query) {
    Long after = query.after();
    long below = after == null ? Long.MAX_VALUE : after;
    List<PinnedMessage> found = store.pins(id, below, query.limit() + 1);
    long readable = readableAfter(user, id);
    if (readable > 0) { // some may be left out, and there are not many in all
      found =
          store.pins(id, below, PinnedMessage.MAX_PER_CONVERSATION).stream()
              .filter(pin -> pin.message().seq() > readable)
              .toList();
    }
    List<Message> page =
        OwnMarks.mark(
            store,
            user,
            AnswerBudget.firstPage(
                found.stream().map(PinnedMessage::message).toList(), query.limit(), answerBytes),
            Map.of(id, readable));
    List<PinnedMessage> pins = new ArrayList<>(page.size());
    for (int i = 0; i < page.size(); i++) {
      PinnedMessage pin = found.get(i);
      pins.add(new PinnedMessage(page.get(i), pin.by(), pin.at(), pin.rev()));
    }
    return new Page<>(pins, pins.size() < found.size());
  }

  private List<Message> messagesAfter(ConversationId id, long seq, int limit) {
    return store.after(id, seq, limit).stream().map(StoredMessage::message).toList();
  }

  /** To be asked after a read: who is a member still was one when the messages were read. */
  public void requireMember(UserId user, ConversationId id) {
    if (user.isSystem()
        ? store.lastSeqs(List.of(id)).isEmpty()
        : store.conversations().member(id, user).isEmpty()) {
      throw Errors.noSuchConversation(id);
    }
  }

  /**
   * The seq above which a member may read, 0 for all. To be asked after a read, as {@link
   * #requireMember}: then a page has nothing of what its reader might not read when it was read.
   *
   * @throws ChatException {@code NOT_FOUND} for one who is no member
   */
  private long readableAfter(UserId user, ConversationId id) {
    if (user.isSystem()) {
      requireMember(user, id);
      return 0;
    }
    Long after = store.conversations().readableAfter(user, List.of(id)).get(id);
    if (after == null) {
      throw Errors.noSuchConversation(id);
    }
    return after;
  }

  private void requireReached(ConversationId id, long seq) {
    long last = store.lastSeqs(List.of(id)).getOrDefault(id, 0L);
    if (seq > last) {
      throw ChatException.badRequest("conversation " + id + " has no message " + seq + " yet");
    }
  }
}
