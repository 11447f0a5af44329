package chat.engine.internal.send.pending;

import chat.engine.ConversationId;
import chat.engine.ForwardOf;
import chat.engine.Message;
import chat.engine.NewMessage;
import chat.engine.UserId;
import chat.engine.spi.MessageStore;
import chat.engine.spi.MessageStore.Reading;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives forwards the content of the messages that they forward, as far as their senders may read
 * those: one read for any number of them, and none where nothing is forwarded. Blocks; thread-safe.
 *
 * <p>A forward whose original cannot be read goes on without: it may be the retry of one that was
 * stored, which only the store knows.
 */
public final class Originals {
  private final MessageStore store;

  public Originals(MessageStore store) {
    this.store = store;
  }

  /** Looks up what is forwarded and was not looked up yet. */
  public void find(List<? extends PendingWrite> writes) {
    Map<PendingSend, Reading> wanted = new HashMap<>(0);
    for (PendingWrite write : writes) {
      if (write instanceof PendingSend send && send.wantsOriginal()) {
        wanted.put(send, reading(send));
      }
    }
    if (!wanted.isEmpty()) {
      Map<Reading, Message> found = store.read(List.copyOf(wanted.values()));
      wanted.forEach((send, reading) -> send.originalFound(found.get(reading)));
    }
  }

  private static Reading reading(PendingSend send) {
    return reading(send.actor(), send.message());
  }

  /** What has to be read for a message that forwards another. */
  public static Reading reading(UserId sender, NewMessage forward) {
    ForwardOf origin = Objects.requireNonNull(forward.forwardOf());
    @Nullable ConversationId conversation = origin.conversation();
    return new Reading(sender, Objects.requireNonNull(conversation), origin.seq());
  }

  /**
   * A forward with what it takes from its original, and without a text if there is none.
   *
   * @param original null if the sender cannot read it
   */
  public static NewMessage complete(NewMessage forward, @Nullable Message original) {
    if (original == null) {
      return forward.withText("").withAttachments(List.of()); // even if it brought some
    }
    return forward.lacksOriginal() ? forward.withOriginal(original) : forward;
  }
}
