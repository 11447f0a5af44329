package chat.engine.examples.faultcheck.node;

import static chat.engine.examples.faultcheck.node.Requests.conversation;
import static chat.engine.examples.faultcheck.node.Requests.users;

import chat.engine.ChatApplication;
import chat.engine.ChatUser;
import chat.engine.CreatedInvite;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.InviteCode;
import chat.engine.InviteId;
import chat.engine.NewInvite;
import chat.engine.UserId;
import java.time.Duration;
import java.time.Instant;

/** The requests of a user, and some of the application, about groups. Not thread-safe. */
final class GroupRequests {
  private final ChatUser user;
  private final ChatApplication application;

  GroupRequests(ChatUser user, ChatApplication application) {
    this.user = user;
    this.application = application;
  }

  void handle(String[] words, NodeConnection.Answers answers) {
    switch (words[1]) {
      case "group" ->
          answers.answer(user.createGroup(words[2], users(words[3])), made -> made.id().toString());
      case "add" -> answers.answer(user.addMembers(conversation(words), users(words[3])), ok -> "");
      case "remove" ->
          answers.answer(user.removeMembers(conversation(words), users(words[3])), ok -> "");
      case "leave" -> answers.answer(user.leave(conversation(words)), ok -> "");
      case "ban" ->
          answers.answer(user.ban(conversation(words), UserId.of(words[3]), null), ok -> "");
      case "unban" ->
          answers.answer(user.unban(conversation(words), UserId.of(words[3])), ok -> "");
      case "silence" ->
          answers.answer(
              user.silence(
                  conversation(words),
                  UserId.of(words[3]),
                  words[4].equals("-") ? null : Instant.ofEpochMilli(Long.parseLong(words[4]))),
              ok -> "");
      case "invite" ->
          answers.answer(
              user.createInvite(conversation(words), invite(Integer.parseInt(words[3]))),
              GroupRequests::created);
      case "revoke" ->
          answers.answer(user.revokeInvite(conversation(words), InviteId.of(words[3])), ok -> "");
      case "join" ->
          answers.answer(user.join(InviteCode.of(words[2])), joined -> joined.id().toString());
      case "rename" -> answers.answer(user.renameGroup(conversation(words), words[3]), ok -> "");
      case "slow" ->
          answers.answer(
              user.updateGroup(
                  conversation(words),
                  GroupUpdate.of().withSlowMode(Duration.ofSeconds(Long.parseLong(words[3])))),
              ok -> "");
      case "access" ->
          answers.answer(
              user.updateGroup(
                  conversation(words),
                  GroupUpdate.of()
                      .withHistory(
                          words[3].equals("joined") ? HistoryAccess.JOINED : HistoryAccess.ALL)),
              ok -> "");
      case "attributes" ->
          answers.answer(
              application.setAttributes(
                  conversation(words), words[3].equals("-") ? null : words[3]),
              ok -> "");
      case "retain" ->
          answers.answer(
              application.setRetention(
                  conversation(words),
                  words[3].equals("0")
                      ? null
                      : ShortRetention.toSet(Duration.ofSeconds(Long.parseLong(words[3])))),
              ok -> "");
      case "delete" -> answers.answer(application.delete(conversation(words)), ok -> "");
      default -> throw new IllegalArgumentException("no such request: " + words[1]);
    }
  }

  private static NewInvite invite(int maxUses) {
    NewInvite unlimited = NewInvite.unlimited();
    return maxUses == 0 ? unlimited : unlimited.withMaxUses(maxUses);
  }

  private static String created(CreatedInvite created) {
    return "+ invite %s %s\n".formatted(created.invite().id().value(), created.code().value());
  }
}
