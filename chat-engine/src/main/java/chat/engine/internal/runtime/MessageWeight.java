package chat.engine.internal.runtime;

import chat.engine.FileId;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.NewMessage;
import chat.engine.ReplyPreview;
import chat.engine.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** About the bytes that a message holds in memory while it waits somewhere. */
public final class MessageWeight {
  public static final int BASE = 256;
  private static final int MENTION = 40;
  private static final int ATTACHMENT = 64;
  private static final int REACTION = 96;
  private static final int PREVIEW = 96;
  private static final int FORWARD = 64;

  private MessageWeight() {}

  public static int of(Message message) {
    ReplyPreview preview = message.replyPreview();
    return of(message.text(), message.attributes(), message.mentions())
        + of(message.attachments())
        + (message.forwardOf() == null ? 0 : FORWARD)
        + (preview == null ? 0 : PREVIEW + 2 * preview.text().length())
        + REACTION * message.reactions().size();
  }

  public static int of(NewMessage message) {
    return of(message.text(), message.attributes(), message.mentions()) + of(message.attachments());
  }

  public static int of(MessageEdit edit) {
    return of(edit.text(), edit.attributes(), edit.mentions());
  }

  private static int of(List<FileId> attachments) {
    int weight = 0;
    for (FileId file : attachments) {
      weight += ATTACHMENT + file.value().length();
    }
    return weight;
  }

  private static int of(String text, @Nullable String attributes, List<UserId> mentions) {
    int weight = BASE + 2 * text.length() + (attributes == null ? 0 : 2 * attributes.length());
    for (UserId mention : mentions) {
      weight += MENTION + 2 * mention.value().length();
    }
    return weight;
  }
}
