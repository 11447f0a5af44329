package chat.engine.examples.faultcheck.node;

import chat.engine.ChatApplication;
import chat.engine.ChatSession;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.MemberList;
import chat.engine.PageQuery;
import chat.engine.PreferencesEdit;
import chat.engine.SyncCursor;
import chat.engine.UserId;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The requests of a user, and some of the application, translated into calls of the engine. Not
 * thread-safe.
 */
final class Requests {
  private final ChatUser user;
  private final ChatApplication application;

  Requests(ChatUser user, ChatApplication application) {
    this.user = user;
    this.application = application;
  }

  void handle(String[] words, NodeConnection.Answers answers) {
    switch (words[1]) {
      case "sync" -> sync(words.length > 2 ? words[2] : "", answers);
      case "send", "forward", "edit", "unsend", "edits", "react", "pin", "unpin", "history" ->
          new MessageRequests(user).handle(words, answers);
      case "preferences" ->
          answers.answer(
              user.setPreferences(conversation(words), edit(words[3], words[4])),
              EventLines::preferences);
      case "members" ->
          answers.answer(
              user.members(
                  conversation(words), PageQuery.<UserId>first().limit(PageQuery.MAX_LIMIT)),
              Requests::members);
      case "block" -> answers.answer(user.block(UserId.of(words[2])), ok -> "");
      case "unblock" -> answers.answer(user.unblock(UserId.of(words[2])), ok -> "");
      case "read" ->
          answers.answer(user.markRead(conversation(words), Long.parseLong(words[3])), ok -> "");
      case "received" ->
          answers.answer(
              user.markReceived(conversation(words), Long.parseLong(words[3])), ok -> "");
      case "direct" ->
          answers.answer(user.openDirect(UserId.of(words[2])), made -> made.id().toString());
      case "typing" -> {
        if (user instanceof ChatSession session) {
          session.typing(conversation(words), true);
        }
      }
      case "watch" -> watch(users(words[2]), answers);
      case "erase" ->
          answers.answer(application.eraseUser(UserId.of(words[2]), UserId.of(words[3])), ok -> "");
      default -> new GroupRequests(user, application).handle(words, answers);
    }
  }

  static ConversationId conversation(String[] words) {
    return ConversationId.parse(words[2]);
  }

  private static PreferencesEdit edit(String field, String value) {
    boolean none = value.equals("-");
    return switch (field) {
      case "muted" ->
          PreferencesEdit.NOTHING.mutedUntil(
              none ? null : Instant.ofEpochMilli(Long.parseLong(value)));
      case "archived" -> PreferencesEdit.NOTHING.archived(!none);
      case "pinned" -> PreferencesEdit.NOTHING.pinned(!none);
      case "unread" -> PreferencesEdit.NOTHING.unreadFrom(none ? null : Long.valueOf(value));
      default -> throw new IllegalArgumentException("no such preference: " + field);
    };
  }

  static Set<UserId> users(String names) {
    return Arrays.stream(names.split(",", -1)).map(UserId::of).collect(Collectors.toSet());
  }

  private void sync(String cursors, NodeConnection.Answers answers) {
    if (user instanceof ChatSession session) {
      answers.answer(
          session.sync(parsed(cursors)),
          result -> {
            StringBuilder lines = new StringBuilder();
            result
                .conversations()
                .forEach(
                    state -> {
                      lines.append(
                          "+ conversation %s %s %d %d %d %d %s %d %s %d\n"
                              .formatted(
                                  state.conversation().id(),
                                  state.conversation().kind(),
                                  state.lastSeq(),
                                  state.rev(),
                                  state.readSeq(),
                                  state.unread(),
                                  name(state.conversation()),
                                  state.unreadMentions(),
                                  EventLines.preferences(state.preferences()),
                                  state.firstSeq()));
                      lines.append(
                          "+ pinned %s %s\n"
                              .formatted(
                                  state.conversation().id(), EventLines.pinned(state.pinned())));
                      if (state.reset()) {
                        lines.append("+ reset ").append(state.conversation().id()).append('\n');
                      }
                      state
                          .changes()
                          .forEach(
                              message ->
                                  lines
                                      .append("+ ")
                                      .append(EventLines.state(message))
                                      .append('\n'));
                      state
                          .missed()
                          .forEach(
                              message ->
                                  lines
                                      .append("+ ")
                                      .append(EventLines.message(message))
                                      .append('\n'));
                    });
            result.gone().forEach(gone -> lines.append("+ gone ").append(gone).append('\n'));
            return lines.toString();
          });
    }
  }

  /** A group's name, with its attributes behind it. */
  static String name(Conversation conversation) {
    if (conversation.kind() != ConversationKind.GROUP) {
      return "-";
    }
    String attributes = conversation.attributes();
    return conversation.name() + (attributes == null ? "" : "~" + attributes);
  }

  private static Map<ConversationId, SyncCursor> parsed(String cursors) {
    Map<ConversationId, SyncCursor> parsed = new HashMap<>();
    for (String cursor : cursors.split(",", -1)) {
      if (!cursor.isEmpty()) {
        String[] parts = cursor.split(":", -1);
        parsed.put(
            ConversationId.parse(parts[0]),
            new SyncCursor(
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2]),
                Long.parseLong(parts[3]),
                Long.parseLong(parts[4])));
      }
    }
    return parsed;
  }

  private static String members(MemberList list) {
    return list.members().stream()
        .map(
            member ->
                "+ member %s %d %d\n"
                    .formatted(member.user(), member.readSeq(), member.receivedSeq()))
        .collect(Collectors.joining("", "+ rev %d\n".formatted(list.rev()), ""));
  }

  private void watch(Set<UserId> users, NodeConnection.Answers answers) {
    if (user instanceof ChatSession session) {
      answers.answer(
          session.watchPresence(users),
          presences ->
              presences.stream()
                  .map(
                      presence ->
                          "+ presence %s %s\n".formatted(presence.user(), presence.online()))
                  .collect(Collectors.joining()));
    }
  }
}
