package chat.engine.internal;

import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.HistoryQuery;
import chat.engine.MemberList;
import chat.engine.MessagePage;
import chat.engine.NewMessage;
import chat.engine.Presence;
import chat.engine.Role;
import chat.engine.SendAck;
import chat.engine.UserId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** A user without a connection. */
record UserHandle(UserOperations calls, UserId user) implements ChatUser {
  @Override
  public CompletionStage<Conversation> openDirect(UserId peer) {
    return calls.openDirect(user, peer);
  }

  @Override
  public CompletionStage<Conversation> createGroup(String name, Set<UserId> others) {
    return calls.createGroup(user, name, others);
  }

  @Override
  public CompletionStage<Void> renameGroup(ConversationId group, String name) {
    return calls.renameGroup(user, group, name);
  }

  @Override
  public CompletionStage<Void> addMembers(ConversationId group, Set<UserId> users) {
    return calls.addMembers(user, group, users);
  }

  @Override
  public CompletionStage<Void> removeMembers(ConversationId group, Set<UserId> users) {
    return calls.removeMembers(user, group, users);
  }

  @Override
  public CompletionStage<Void> leave(ConversationId group) {
    return calls.leave(user, group);
  }

  @Override
  public CompletionStage<Void> setRole(ConversationId group, UserId member, Role role) {
    return calls.setRole(user, group, member, role);
  }

  @Override
  public CompletionStage<MemberList> members(ConversationId conversation) {
    return calls.members(user, conversation);
  }

  @Override
  public CompletionStage<List<Conversation>> conversations() {
    return calls.conversations(user);
  }

  @Override
  public CompletionStage<Set<UserId>> fellowMembers(Set<UserId> among) {
    return calls.fellowMembers(user, among);
  }

  @Override
  public CompletionStage<SendAck> send(ConversationId conversation, NewMessage message) {
    return calls.send(user, null, conversation, message);
  }

  @Override
  public CompletionStage<MessagePage> history(ConversationId conversation, HistoryQuery query) {
    return calls.history(user, conversation, query);
  }

  @Override
  public CompletionStage<Void> markRead(ConversationId conversation, long seq) {
    return calls.markRead(user, null, conversation, seq);
  }

  @Override
  public CompletionStage<Void> markReceived(ConversationId conversation, long seq) {
    return calls.markReceived(user, null, conversation, seq);
  }

  @Override
  public CompletionStage<List<Presence>> presence(Set<UserId> users) {
    return calls.presence(users);
  }
}
