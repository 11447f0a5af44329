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
    MessagePage page =
        switch (query.direction()) {
          case BEFORE -> before(user, id, query);
          case AFTER -> after(user, id, query);
          case AROUND -> around(user, id, query);
        };
    return page.withMessages(OwnMarks.mark(store, user, page.messages()));
  }

  private MessagePage before(UserId user, ConversationId id, HistoryQuery query) {
    List<Message> messages = store.before(id, query.seq(), query.limit() + 1);
    requireMember(user, id);
    List<Message> page = AnswerBudget.lastPage(messages, query.limit(), answerBytes);
    return new MessagePage(page, page.size() < messages.size());
  }

  private MessagePage after(UserId user, ConversationId id, HistoryQuery query) {
    List<Message> messages = messagesAfter(id, query.seq(), query.limit() + 1);
    requireMember(user, id);
    if (messages.isEmpty()) {
      requireReached(id, query.seq());
    }
    List<Message> page = AnswerBudget.firstPage(messages, query.limit(), answerBytes);
    return new MessagePage(page, page.size() < messages.size());
  }

  private MessagePage around(UserId user, ConversationId id, HistoryQuery query) {
    List<Message> below = store.before(id, query.seq(), query.limit() + 1);
    List<Message> from = messagesAfter(id, Math.max(0, query.seq() - 1), query.limit() + 1);
    requireMember(user, id);
    if (from.isEmpty()) {
      requireReached(id, query.seq());
    }
    return nearest(below, from, query.limit());
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

  /** The same page with the marks of its reader, who is a user. */
  public SearchPage marked(UserId reader, SearchPage page) {
    OwnMarks own = OwnMarks.read(store, reader, page.hits().stream().map(SearchHit::message));
    return new SearchPage(
        page.hits().stream()
            .map(hit -> new SearchHit(own.on(hit.message()), hit.highlights()))
            .toList(),
        page.next(),
        page.indexing());
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
    requireMember(user, id);
    if (found.isEmpty() && (seq < 1 || seq > store.lastSeqs(List.of(id)).getOrDefault(id, 0L))) {
      throw ChatException.notFound("conversation " + id + " has no message " + seq);
    }
    return Page.of(found, query.limit());
  }

  /**
   * A page of the pinned messages.
   *
   * @throws ChatException {@code NOT_FOUND} for one who is no member
   */
  public Page<PinnedMessage> pins(UserId user, ConversationId id, PageQuery<Long> query) {
    Long after = query.after();
    List<PinnedMessage> found =
        store.pins(id, after == null ? Long.MAX_VALUE : after, query.limit() + 1);
    requireMember(user, id);
    List<Message> page =
        OwnMarks.mark(
            store,
            user,
            AnswerBudget.firstPage(
                found.stream().map(PinnedMessage::message).toList(), query.limit(), answerBytes));
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

  private void requireReached(ConversationId id, long seq) {
    long last = store.lastSeqs(List.of(id)).getOrDefault(id, 0L);
    if (seq > last) {
      throw ChatException.badRequest("conversation " + id + " has no message " + seq + " yet");
    }
  }
}
