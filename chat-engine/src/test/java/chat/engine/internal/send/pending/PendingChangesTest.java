package chat.engine.internal.send.pending;

import static chat.engine.internal.send.SendFixture.pending;
import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChangeAck;
import chat.engine.ChatException;
import chat.engine.Conversation;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.PinAck;
import chat.engine.ReactionAck;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.contract.Drafts;
import chat.engine.contract.StoreFixture;
import chat.engine.internal.runtime.MessageWeight;
import chat.engine.memory.InMemoryMessageStore;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.Pin;
import chat.engine.spi.Reaction;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Edits, deletions, reactions and pins on their way to the store, and forwards. */
final class PendingChangesTest {
  private static final UserId ADA = UserId.of("ada");
  private static final ConversationId TALK = ConversationId.of(1);
  private static final Instant NOW = Instant.ofEpochMilli(5);
  private static final Conversation GROUP = Conversation.group(TALK, "talk", NOW);
  private static final Conversation DIRECT = Conversation.direct(TALK, ADA, UserId.of("bob"), NOW);
  private static final Emoji THUMB = Emoji.of("👍");

  private final List<String> told = new ArrayList<>();

  private PendingChange change(MessageEdit content, boolean keepsVersion) {
    return new PendingChange(ADA, TALK, 7, content, keepsVersion, Runnable::run);
  }

  @Test
  void anEditIsWrittenAsTheHookLeftIt() {
    MessageEdit given = MessageEdit.text("as it was given");
    PendingChange edit = change(given, true);
    assertThat(edit.seq()).isEqualTo(7);
    assertThat(edit.content()).isEqualTo(given);
    assertThat(edit.weight()).isEqualTo(MessageWeight.of(given));
    assertThat(edit.takesId()).isFalse();
    MessageEdit allowed = MessageEdit.text("allowed");
    edit.replace(allowed);
    assertThat(edit.content()).isEqualTo(allowed);
    assertThat(edit.write(0, NOW, 3, GROUP)).isEqualTo(new Edit(TALK, 7, ADA, allowed, NOW, true));
    assertThat(change(given, false).write(0, NOW, 3, GROUP))
        .isEqualTo(new Edit(TALK, 7, ADA, given, NOW, false));
  }

  @Test
  void aDeletionIsAnEditWithoutContent() {
    PendingChange deletion = change(null, false);
    assertThat(deletion.content()).isNull();
    assertThat(deletion.weight()).isEqualTo(MessageWeight.BASE);
    assertThat(deletion.write(0, NOW, 3, GROUP))
        .isEqualTo(new Deletion(TALK, 7, ADA, Set.of(Role.OWNER, Role.ADMIN), NOW));
  }

  @Test
  void theAnswerToAChangeIsTheMessageAsItIs() {
    PendingChange edit = change(MessageEdit.text("edited"), false);
    Message stored =
        Drafts.stored(new Drafts().text(TALK, ADA, "text"), 7)
            .edited(MessageEdit.text("edited"), 9, NOW);
    assertThat(edit.acknowledge(stored)).isTrue();
    assertThat(edit.acknowledge(stored)).isFalse();
    assertThat(edit.result().join()).isEqualTo(new ChangeAck(TALK, 7, 9, NOW));
    assertThat(edit.fail(ChatException.badRequest("too late"))).isFalse();
  }

  private PendingReaction reaction(boolean on) {
    return new PendingReaction(
        ADA, TALK, 7, THUMB, on, rev -> told.add("rev " + rev), Runnable::run);
  }

  @Test
  void theSessionOfAReactionIsToldOfWhatWasStoredOnly() {
    PendingReaction given = reaction(true);
    assertThat(given.seq()).isEqualTo(7);
    assertThat(given.weight()).isEqualTo(MessageWeight.BASE);
    assertThat(given.takesId()).isFalse();
    assertThat(given.write(0, NOW, 3, GROUP))
        .isEqualTo(new Reaction(TALK, 7, ADA, THUMB, true, NOW));
    assertThat(given.acknowledge(9, 2)).isTrue();
    assertThat(given.acknowledge(10, 3)).isFalse();
    assertThat(given.result().join()).isEqualTo(new ReactionAck(TALK, 7, 9, 2));
    assertThat(told).containsExactly("rev 9");

    PendingReaction takenBack = reaction(false);
    assertThat(takenBack.write(0, NOW, 3, GROUP))
        .isEqualTo(new Reaction(TALK, 7, ADA, THUMB, false, NOW));
    assertThat(takenBack.acknowledgeUnchanged(9, 2)).isTrue();
    assertThat(takenBack.acknowledgeUnchanged(9, 2)).isFalse();
    assertThat(takenBack.result().join()).isEqualTo(new ReactionAck(TALK, 7, 9, 2));
    assertThat(told).hasSize(1);
  }

  @Test
  void inADirectConversationBothMayPin() {
    PendingPin pin = new PendingPin(ADA, TALK, 7, true, Runnable::run);
    assertThat(pin.seq()).isEqualTo(7);
    assertThat(pin.weight()).isEqualTo(MessageWeight.BASE);
    assertThat(pin.takesId()).isFalse();
    assertThat(pin.write(0, NOW, 3, GROUP))
        .isEqualTo(new Pin(TALK, 7, ADA, true, Set.of(Role.OWNER, Role.ADMIN), NOW));
    assertThat(pin.write(0, NOW, 3, DIRECT))
        .isEqualTo(new Pin(TALK, 7, ADA, true, Set.of(Role.values()), NOW));
    assertThat(pin.acknowledge(9)).isTrue();
    assertThat(pin.acknowledge(10)).isFalse();
    assertThat(pin.result().join()).isEqualTo(new PinAck(TALK, 7, 9));
  }

  // ---- forwards

  private static PendingSend send(UserId from, NewMessage message) {
    return pending(from, TALK, message, PendingSend.Listener.NONE);
  }

  @Test
  void aForwardTakesTheTextOfWhatItsSenderMayRead() {
    InMemoryMessageStore store = new InMemoryMessageStore();
    StoreFixture chat = new StoreFixture(() -> store);
    UserId member = chat.user("member");
    ConversationId group = chat.group(member);
    chat.send(group, member, 1);
    PendingSend plain = send(member, NewMessage.text("plain"));
    PendingSend forward = send(member, NewMessage.forward(group, 1));
    PendingSend again = send(member, NewMessage.forward(group, 1).withText("brought along"));
    PendingSend stranger = send(chat.user("stranger"), NewMessage.forward(group, 1));
    assertThat(plain.wantsOriginal()).isFalse();
    assertThat(forward.wantsOriginal()).isTrue();
    new Originals(store).find(List.of(change(null, false), plain, forward, again, stranger));
    assertThat(List.of(plain, forward, again, stranger))
        .extracting(one -> one.message().text())
        .containsExactly("plain", "message 0", "brought along", "");
    assertThat(List.of(plain, forward, again, stranger)).noneMatch(PendingSend::wantsOriginal);

    chat.append(chat.drafts().edit(group, 1, member, "edited since"));
    new Originals(store).find(List.of(forward, stranger));
    assertThat(forward.message().text()).as("it was looked up").isEqualTo("message 0");
    Draft draft = forward.write(9, NOW, 3, GROUP);
    assertThat(draft.text()).isEqualTo("message 0");
    assertThat(draft.forwardOf()).isEqualTo(NewMessage.forward(group, 1).forwardOf());
  }
}
