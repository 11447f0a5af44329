package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ChatEngine;
import chat.engine.ChatException;
import chat.engine.ChatUser;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.ErrorCode;
import chat.engine.GroupUpdate;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.hook.ActionHook;
import chat.engine.hook.SendHook;
import chat.engine.hook.UserAction;
import chat.engine.memory.InMemoryMessageStore;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The filter of words in the README: what it refuses is never stored, however it comes. */
@Timeout(60)
final class WordFilterTest {
  private static final Set<String> FORBIDDEN = Set.of("humbug");

  private static void requireDecent(String text) {
    for (String word : text.toLowerCase(Locale.ROOT).split("\\P{L}+")) {
      if (FORBIDDEN.contains(word)) {
        throw ChatException.forbidden("mind your language");
      }
    }
  }

  private static NewMessage filtered(UserId sender, Conversation to, NewMessage message) {
    requireDecent(message.text());
    return message;
  }

  private static void filtered(UserAction action) {
    if (action instanceof UserAction.CreateGroup group) {
      requireDecent(group.name());
    } else if (action instanceof UserAction.RenameGroup group) {
      requireDecent(group.name());
    } else if (action instanceof UserAction.UpdateGroup group) {
      requireDecent(group.update().name() == null ? "" : group.update().name());
    }
  }

  private static void refused(CompletableFuture<?> call) {
    assertThatThrownBy(call::join)
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class,
            refusal -> {
              assertThat(refusal.code()).isEqualTo(ErrorCode.FORBIDDEN);
              assertThat(refusal).hasMessage("mind your language");
            });
  }

  @Test
  void aFilterOfWordsHoldsForSendsEditsAndNames() {
    try (ChatEngine engine =
        ChatEngine.builder()
            .store(new InMemoryMessageStore())
            .sendHook(SendHook.blocking(WordFilterTest::filtered))
            .actionHook(ActionHook.blocking(WordFilterTest::filtered))
            .build()) {
      ChatUser ada = engine.asUser(UserId.of("ada"));
      UserId bob = UserId.of("bob");
      ConversationId group = ada.createGroup("hikers", Set.of(bob)).join().id();
      refused(ada.send(group, NewMessage.text("Humbug!")));
      SendAck sent = ada.send(group, NewMessage.text("humbugs are sweets")).join();
      assertThat(sent.seq()).as("what was refused took no number").isEqualTo(1);
      refused(ada.editMessage(group, 1, MessageEdit.text("such HUMBUG")));
      ada.editMessage(group, 1, MessageEdit.text("sweets")).join();
      refused(ada.createGroup("Humbug", Set.of(bob)));
      refused(ada.renameGroup(group, "humbug"));
      refused(ada.updateGroup(group, GroupUpdate.of().withName("humbug")));
      assertThat(ada.history(group, HistoryQuery.newest()).join().messages())
          .extracting(Message::text)
          .containsExactly("sweets");
    }
  }
}
