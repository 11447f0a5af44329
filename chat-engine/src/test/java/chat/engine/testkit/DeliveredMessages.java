package chat.engine.testkit;

import chat.engine.ChatEngine;
import chat.engine.ChatUser;
import chat.engine.ConversationId;
import chat.engine.ConversationState;
import chat.engine.HistoryQuery;
import chat.engine.Member;
import chat.engine.Message;
import chat.engine.MessagePage;
import chat.engine.Page;
import chat.engine.PageQuery;
import chat.engine.SyncResult;
import chat.engine.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a session has to be told, by what the store has. Thread-safe; blocks. */
final class DeliveredMessages {
  private final ChatEngine engine;
  private final UserId user;

  /** The seqs behind which the stream began. */
  private final Map<ConversationId, Long> begin = new HashMap<>();

  /**
   * @param atConnect the answer to a sync without cursors, of all conversations of the user
   */
  DeliveredMessages(ChatEngine engine, UserId user, SyncResult atConnect) {
    this.engine = engine;
    this.user = user;
    atConnect
        .conversations()
        .forEach(state -> begin.put(state.conversation().id(), state.lastSeq()));
  }

  /** The messages of others that the session has been sent, or will be. */
  List<Message> due() {
    List<Message> due = new ArrayList<>();
    ChatUser asUser = engine.asUser(user);
    PageQuery<ConversationId> query = PageQuery.first();
    while (true) {
      Page<ConversationState> page = asUser.inbox(query).join();
      page.items().forEach(state -> due.addAll(due(asUser, state)));
      if (!page.hasMore()) {
        return due;
      }
      query = PageQuery.after(page.items().get(page.items().size() - 1).conversation().id());
    }
  }

  private List<Message> due(ChatUser asUser, ConversationState state) {
    ConversationId id = state.conversation().id();
    List<Message> due = new ArrayList<>();
    long seq = begin(asUser, id);
    while (seq < state.lastSeq()) {
      MessagePage page = asUser.history(id, HistoryQuery.after(seq)).join();
      page.messages().stream().filter(message -> !message.from().equals(user)).forEach(due::add);
      seq = page.messages().get(page.messages().size() - 1).seq();
    }
    return due;
  }

  /** The stream begins with the connection, or with the membership if that is younger. */
  private long begin(ChatUser asUser, ConversationId id) {
    PageQuery<UserId> all = PageQuery.<UserId>first().limit(PageQuery.MAX_LIMIT);
    long joined =
        asUser.members(id, all).join().members().stream()
            .filter(member -> member.user().equals(user))
            .mapToLong(Member::joinedSeq)
            .findFirst()
            .orElse(0);
    return Math.max(joined, begin.getOrDefault(id, 0L));
  }
}
