package chat.engine.internal.sync;

import chat.engine.Conversation;
import chat.engine.FileId;
import chat.engine.Message;
import chat.engine.MessageVersion;
import chat.engine.ReactionCount;
import chat.engine.ReplyPreview;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the messages in one answer may take on a wire, so that strangers who write long messages
 * cannot make an answer that no transport carries. Counted are bytes of UTF-8, those twice that
 * JSON puts a backslash before (of control characters a message has only tab, line feed and
 * carriage return, which have such a short form), of text, attributes, mentions, attachments,
 * reactions, ids and the preview of what is answered, 256 for the rest of a message, 96 for that of
 * a preview, and 96 for what was forwarded. When a message does not fit in, the budget is spent:
 * none after it is taken.
 *
 * <p>Not thread-safe.
 */
public final class AnswerBudget {
  private static final int BASE = 256;
  private static final int REACTION = 40;
  private static final int PREVIEW = 96;
  private static final int FORWARD = 96;

  /** Its number, its time and the names of its fields. */
  private static final int VERSION = 96;

  /** A seq and a comma. */
  private static final int PIN = 20;

  /** An id in quotation marks, and a comma. */
  private static final int GONE = 22;

  /** Its id, its numbers and the names of its fields. */
  private static final int CONVERSATION = 400;

  private long left;
  private boolean spent;

  private AnswerBudget(long bytes) {
    this.left = bytes;
  }

  /**
   * For the conversations in the answer to a sync, with the last message of each.
   *
   * @param answerBytes what the answer may take; a page of a history may take the same
   * @param gone how many conversations the answer names beside these
   */
  static AnswerBudget ofConversations(int answerBytes, int gone) {
    return new AnswerBudget(3L * answerBytes / 8 - (long) gone * GONE);
  }

  /** How many conversations that are gone an answer names: an eighth of it. */
  static int mostGone(int answerBytes) {
    return Math.max(1, answerBytes / 8 / GONE);
  }

  /** For the missed messages in the answer to a sync. */
  static AnswerBudget ofMissed(int answerBytes) {
    return new AnswerBudget(3L * answerBytes / 8);
  }

  /** For the changed messages in the answer to a sync. */
  static AnswerBudget ofChanges(int answerBytes) {
    return new AnswerBudget(answerBytes / 4);
  }

  /** The beginning of a page: at most so many messages, as far as they fit, but at least one. */
  public static List<Message> firstPage(List<Message> messages, int limit, int answerBytes) {
    return messages.subList(0, fitting(messages, AnswerBudget::size, limit, answerBytes, false));
  }

  /** As {@link #firstPage}, but the end. */
  public static List<Message> lastPage(List<Message> messages, int limit, int answerBytes) {
    int size = messages.size();
    return messages.subList(
        size - fitting(messages, AnswerBudget::size, limit, answerBytes, true), size);
  }

  private static <T> int fitting(
      List<T> items, ToLongFunction<T> size, int limit, int answerBytes, boolean fromTheEnd) {
    AnswerBudget budget = new AnswerBudget(answerBytes);
    int most = Math.min(limit, items.size());
    int taken = 0;
    while (taken < most) {
      T next = items.get(fromTheEnd ? items.size() - 1 - taken : taken);
      if (!budget.take(size.applyAsLong(next)) && taken > 0) {
        break;
      }
      taken++;
    }
    return taken;
  }

  /** As {@link #firstPage}, of the versions of a message. */
  static List<MessageVersion> firstVersions(
      List<MessageVersion> versions, int limit, int answerBytes) {
    return versions.subList(0, fitting(versions, AnswerBudget::size, limit, answerBytes, false));
  }

  private static long size(MessageVersion version) {
    return VERSION + size(version.text()) + size(version.attributes());
  }

  /**
   * @return whether the message fits in
   */
  boolean take(Message message) {
    return take(size(message));
  }

  /**
   * @param last the newest message, if it is in the answer
   * @return whether the conversation fits in with it
   */
  boolean take(Membership membership, List<Message> last) {
    Conversation conversation = membership.conversation();
    long size =
        CONVERSATION
            + size(conversation.name())
            + size(conversation.attributes())
            + size(conversation.description())
            + size(conversation.avatarUrl());
    size += (long) PIN * membership.pins();
    for (UserId peer : conversation.peers()) {
      size += size(peer.value());
    }
    for (Message message : last) {
      size += size(message);
    }
    return take(size);
  }

  private boolean take(long size) {
    if (!spent) {
      spent = size > left;
      left -= size;
    }
    return !spent;
  }

  /** The longest beginning that fits in. */
  List<Message> takeFirst(List<Message> messages) {
    List<Message> taken = new ArrayList<>();
    for (Message message : messages) {
      if (!take(message)) {
        break;
      }
      taken.add(message);
    }
    return taken;
  }

  boolean isSpent() {
    return spent;
  }

  public static long size(Message message) {
    long size = BASE + size(message.text()) + size(message.from().value());
    size += size(message.clientMessageId().value());
    for (UserId mention : message.mentions()) {
      size += 4 + size(mention.value());
    }
    for (FileId file : message.attachments()) {
      size += 4 + size(file.value());
    }
    for (ReactionCount reaction : message.reactions()) {
      size += REACTION + size(reaction.emoji().value());
    }
    size += message.forwardOf() == null ? 0 : FORWARD;
    ReplyPreview preview = message.replyPreview();
    if (preview != null) {
      size += PREVIEW + size(preview.text()) + size(preview.from().value());
    }
    return size + size(message.attributes());
  }

  private static long size(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    long size = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        size += c < ' ' || c == '"' || c == '\\' || c == '/' ? 2 : 1;
      } else {
        size += c < 0x800 || Character.isSurrogate(c) ? 2 : 3; // a pair of surrogates has 4
      }
    }
    return size;
  }
}
