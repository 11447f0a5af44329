package chat.engine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a message may say, when it is sent and when it is edited. */
final class ContentRules {
  private ContentRules() {}

  static List<UserId> eachOnce(List<UserId> mentions) {
    return mentions.size() < 2 ? List.copyOf(mentions) : mentions.stream().distinct().toList();
  }

  static List<FileId> requireAttachments(List<FileId> attachments) {
    if (attachments.size() > NewMessage.MAX_ATTACHMENTS) {
      throw ChatException.tooLarge(
          "at most " + NewMessage.MAX_ATTACHMENTS + " attachments, not " + attachments.size());
    }
    List<FileId> copy = List.copyOf(attachments);
    if (copy.stream().distinct().count() < copy.size()) {
      throw ChatException.badRequest("attachments must not name a file twice");
    }
    return copy;
  }

  static void require(List<UserId> mentions, @Nullable String attributes) {
    if (mentions.size() > NewMessage.MAX_MENTIONS) {
      throw ChatException.tooLarge(
          "at most " + NewMessage.MAX_MENTIONS + " mentions, not " + mentions.size());
    }
    if (mentions.contains(UserId.SYSTEM)) {
      throw ChatException.badRequest("the system cannot be mentioned");
    }
    if (attributes != null) {
      TextRules.requireText("attributes", attributes, NewMessage.MAX_ATTRIBUTES_BYTES);
    }
  }
}
