package chat.engine.memory;

import chat.engine.ConversationId;
import chat.engine.Message;
import chat.engine.SearchCursor;
import chat.engine.SearchHit;
import chat.engine.SearchPage;
import chat.engine.memory.conversation.InMemoryConversations;
import chat.engine.memory.conversation.StoredConversation;
import chat.engine.spi.search.MessageSearch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Searches by looking at messages one by one, outside the lock of the store; there is no index. A
 * page looks at {@value #MOST_MESSAGES} messages at most. Thread-safe.
 */
final class InMemorySearch implements MessageSearch {
  private static final int MOST_MESSAGES = 20_000;

  private static final Comparator<Message> NEWEST_FIRST =
      Comparator.comparing(Message::createdAt)
          .thenComparingLong(message -> message.id().value())
          .reversed();

  private final InMemoryConversations conversations;

  InMemorySearch(InMemoryConversations conversations) {
    this.conversations = conversations;
  }

  @Override
  public SearchPage search(Request request) {
    if (request.words().isEmpty()) {
      return new SearchPage(List.of(), null, false);
    }
    List<Message> messages = messagesOf(request);
    messages.sort(NEWEST_FIRST);
    List<SearchHit> hits = new ArrayList<>();
    int looked = 0;
    for (Message message : messages) {
      if (looked++ == MOST_MESSAGES) {
        return new SearchPage(readable(hits, request), behind(messages.get(looked - 2)), false);
      }
      request
          .words()
          .find(message.text())
          .ifPresent(found -> hits.add(new SearchHit(message, found)));
      if (hits.size() > request.limit()) {
        SearchHit last = hits.get(request.limit() - 1);
        List<SearchHit> page = hits.subList(0, request.limit());
        return new SearchPage(readable(page, request), behind(last.message()), false);
      }
    }
    return new SearchPage(readable(hits, request), null, false);
  }

  private static SearchCursor behind(Message message) {
    return SearchCursor.behind(message);
  }

  private List<Message> messagesOf(Request request) {
    List<Message> messages = new ArrayList<>();
    synchronized (conversations) {
      conversations.memberships(request.user()).stream()
          .map(membership -> membership.conversation().id())
          .filter(id -> request.conversation() == null || id.equals(request.conversation()))
          .map(id -> Objects.requireNonNull(conversations.find(id)))
          .flatMap(found -> found.messages(0, Long.MAX_VALUE, Integer.MAX_VALUE).stream())
          .filter(message -> isAskedFor(message, request))
          .forEach(messages::add);
    }
    return messages;
  }

  private static boolean isAskedFor(Message message, Request request) {
    return !message.deleted()
        && (request.from() == null || message.from().equals(request.from()))
        && request.before().isBefore(message.createdAt(), message.id().value());
  }

  /** What has not changed, and is the user's to read, after the search. */
  private List<SearchHit> readable(List<SearchHit> hits, Request request) {
    synchronized (conversations) {
      return hits.stream().filter(hit -> isStillSo(hit.message(), request)).toList();
    }
  }

  private boolean isStillSo(Message message, Request request) {
    StoredConversation conversation = conversations.find(message.conversation());
    return conversation != null
        && conversation.member(request.user()) != null
        && conversation.messages(message.seq() - 1, message.seq(), 1).contains(message);
  }

  @Override
  public Step index(ConversationId conversation) {
    return Step.DONE;
  }

  @Override
  public List<ConversationId> behind(Collection<ConversationId> among) {
    return List.of();
  }

  @Override
  public Laggards behind(@Nullable ConversationId after) {
    return new Laggards(List.of(), null);
  }
}
