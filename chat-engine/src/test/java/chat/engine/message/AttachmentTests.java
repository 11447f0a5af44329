package chat.engine.message;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.ChatEngine;
import chat.engine.ConversationId;
import chat.engine.EngineBuilder;
import chat.engine.ErrorCode;
import chat.engine.FileId;
import chat.engine.HistoryQuery;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.SendAck;
import chat.engine.UserId;
import chat.engine.event.MessageChanged;
import chat.engine.hook.SendHook;
import chat.engine.running.TwoNodeTest;
import chat.engine.testkit.RecordingListener;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages with files, on two nodes of a store; a hook on one of them looks at the files. */
@Timeout(300)
abstract class AttachmentTests extends TwoNodeTest {
  private static final FileId A = FileId.of("a_1");
  private static final FileId B = FileId.of("b-2");

  private final List<FileId> asked = new CopyOnWriteArrayList<>();
  private ConversationId group;

  @Override
  protected EngineBuilder northSettings(EngineBuilder settings) {
    return settings.sendHook(
        SendHook.blocking(
            (sender, conversation, message) -> {
              asked.addAll(message.attachments());
              return message;
            }));
  }

  @BeforeEach
  final void createGroup() {
    group = get(north.asUser(ADA).createGroup("hikers", Set.of(BOB))).id();
  }

  private Message read(ChatEngine node, UserId reader, long seq) {
    return get(node.asUser(reader).history(group, HistoryQuery.around(seq).limit(1)))
        .messages()
        .get(0);
  }

  @Test
  void filesReachTheOtherNodeAndAllReads() {
    RecordingListener bob = connect(south, BOB);
    NewMessage sent = NewMessage.files(List.of(B, A));
    SendAck ack = get(north.asUser(ADA).send(group, sent));
    assertThat(bob.awaitMessage("").attachments()).containsExactly(B, A);
    assertThat(asked).containsExactly(B, A);
    assertThat(read(south, BOB, ack.seq()).attachments()).containsExactly(B, A);
    assertThat(get(south.asUser(BOB).inbox(group)).lastMessage().attachments())
        .containsExactly(B, A);

    assertThat(get(south.asUser(ADA).send(group, sent)).duplicate()).isTrue();
    assertRefused(
        south.asUser(ADA).send(group, sent.withAttachments(List.of(A))), ErrorCode.CONFLICT);

    SendAck system = get(north.asApplication().send(group, NewMessage.files(List.of(A))));
    assertThat(read(south, BOB, system.seq()).attachments()).containsExactly(A);
  }

  @Test
  void anEditMayTakeTheTextAwayOnlyBesideFiles() {
    get(north.asUser(ADA).send(group, NewMessage.text("one").withAttachments(List.of(A))));
    get(north.asUser(ADA).send(group, NewMessage.text("two")));
    RecordingListener bob = connect(south, BOB);
    get(north.asUser(ADA).editMessage(group, 1, MessageEdit.text("")));
    Message edited = bob.awaitNext(MessageChanged.class).message();
    assertThat(edited.text()).isEmpty();
    assertThat(edited.attachments()).containsExactly(A);
    assertRefused(
        north.asUser(ADA).editMessage(group, 2, MessageEdit.text("")), ErrorCode.BAD_REQUEST);
    assertRefused(
        north.asUser(ADA).editMessage(group, 1, new MessageEdit("", List.of(), "{}")),
        ErrorCode.BAD_REQUEST);

    get(north.asUser(ADA).deleteMessage(group, 1));
    assertThat(bob.awaitNext(MessageChanged.class).message().attachments()).isEmpty();
    assertThat(read(south, BOB, 1).attachments()).isEmpty();
  }

  @Test
  void aForwardCarriesFilesAlong() {
    get(south.asUser(ADA).send(group, NewMessage.files(List.of(A, B))));
    SendAck ack = get(north.asUser(BOB).send(group, NewMessage.forward(group, 1)));
    assertThat(read(south, ADA, ack.seq()).attachments()).containsExactly(A, B);
    assertThat(asked).containsExactly(A, B);
    SendAck own =
        get(north.asUser(BOB).send(group, NewMessage.files(List.of(B)).withForwardOf(group, 1)));
    assertThat(read(south, ADA, own.seq()).attachments()).containsExactly(B);
    get(south.asUser(ADA).deleteMessage(group, 1));
    assertRefused(
        north.asUser(BOB).send(group, NewMessage.files(List.of(B)).withForwardOf(group, 1)),
        ErrorCode.NOT_FOUND);
    assertThat(read(south, ADA, ack.seq()).attachments()).containsExactly(A, B);
  }
}
