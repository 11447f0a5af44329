package chat.engine.internal;

import chat.engine.ChatException;
import chat.engine.ChatSession;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.DeviceId;
import chat.engine.HistoryQuery;
import chat.engine.MemberList;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.Presence;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.SyncCursor;
import chat.engine.SyncResult;
import chat.engine.UserId;
import chat.engine.internal.runtime.Errors;
import chat.engine.internal.session.Session;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A user with a connection: what the application holds of a {@link Session}. The session itself is
 * not given out, so nobody else can take its monitor.
 */
record SessionHandle(UserOperations calls, Session session) implements ChatSession {
  private static <T> CompletionStage<T> closed() {
    return CompletableFuture.failedFuture(Errors.sessionClosed());
  }

  // ---- the connection

  @Override
  public String id() {
    return session.id();
  }

  @Override
  public UserId user() {
    return session.user();
  }

  @Override
  public DeviceId device() {
    return session.device();
  }

  @Override
  public void pause() {
    session.pause();
  }

  @Override
  public void resume() {
    session.resume();
  }

  @Override
  public void close() {
    session.close();
  }

  @Override
  public CompletionStage<SyncResult> sync(Map<ConversationId, SyncCursor> deviceCursors) {
    Map<ConversationId, SyncCursor> asked = Map.copyOf(deviceCursors);
    ChatException refusal = session.beginSync();
    return refusal != null ? CompletableFuture.failedFuture(refusal) : calls.sync(session, asked);
  }

  @Override
  public void typing(ConversationId conversation, boolean on) {
    if (session.isLiveIn(conversation)) {
      calls.typing(session, conversation, on);
    }
  }

  @Override
  public CompletionStage<List<Presence>> watchPresence(Set<UserId> users) {
    return session.isClosed() ? closed() : calls.watchPresence(session, Set.copyOf(users));
  }

  // ---- what users can do without a connection, too

  @Override
  public CompletionStage<Conversation> openDirect(UserId peer) {
    return session.isClosed() ? closed() : calls.openDirect(user(), peer);
  }

  @Override
  public CompletionStage<Conversation> createGroup(String name, Set<UserId> others) {
    return session.isClosed() ? closed() : calls.createGroup(user(), name, others);
  }

  @Override
  public CompletionStage<Void> renameGroup(ConversationId group, String name) {
    return session.isClosed() ? closed() : calls.renameGroup(user(), group, name);
  }

  @Override
  public CompletionStage<Void> addMembers(ConversationId group, Set<UserId> users) {
    return session.isClosed() ? closed() : calls.addMembers(user(), group, users);
  }

  @Override
  public CompletionStage<Void> removeMembers(ConversationId group, Set<UserId> users) {
    return session.isClosed() ? closed() : calls.removeMembers(user(), group, users);
  }

  @Override
  public CompletionStage<Void> leave(ConversationId group) {
    return session.isClosed() ? closed() : calls.leave(user(), group);
  }

  @Override
  public CompletionStage<Void> setRole(ConversationId group, UserId member, Role role) {
    return session.isClosed() ? closed() : calls.setRole(user(), group, member, role);
  }

  @Override
  public CompletionStage<MemberList> members(ConversationId conversation) {
    return session.isClosed() ? closed() : calls.members(user(), conversation);
  }

  @Override
  public CompletionStage<List<Conversation>> conversations() {
    return session.isClosed() ? closed() : calls.conversations(user());
  }

  @Override
  public CompletionStage<Set<UserId>> fellowMembers(Set<UserId> among) {
    return session.isClosed() ? closed() : calls.fellowMembers(user(), among);
  }

  @Override
  public CompletionStage<SendAck> send(ConversationId conversation, NewMessage message) {
    return session.isClosed() ? closed() : calls.send(user(), session, conversation, message);
  }

  @Override
  public CompletionStage<MessagePage> history(ConversationId conversation, HistoryQuery query) {
    return session.isClosed() ? closed() : calls.history(user(), conversation, query);
  }

  @Override
  public CompletionStage<Void> markRead(ConversationId conversation, long seq) {
    return session.isClosed() ? closed() : calls.markRead(user(), session, conversation, seq);
  }

  @Override
  public CompletionStage<Void> markReceived(ConversationId conversation, long seq) {
    return session.isClosed() ? closed() : calls.markReceived(user(), session, conversation, seq);
  }

  @Override
  public CompletionStage<List<Presence>> presence(Set<UserId> users) {
    return session.isClosed() ? closed() : calls.presence(users);
  }
}
