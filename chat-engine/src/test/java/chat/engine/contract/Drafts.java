package chat.engine.contract;

import chat.engine.ClientMessageId;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.FileId;
import chat.engine.ForwardOf;
import chat.engine.Message;
import chat.engine.MessageEdit;
import chat.engine.MessageId;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.sonyflake.Sonyflake;
import chat.engine.spi.Deletion;
import chat.engine.spi.Draft;
import chat.engine.spi.Edit;
import chat.engine.spi.Pin;
import chat.engine.spi.Reaction;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes ids, users and drafts that no other test has made, so that tests can share a store. Ids
 * ascend and begin at the present time, as the engine's do. Thread-safe.
 */
public final class Drafts {
  private static final int IDS_OF_A_TIME_UNIT = 1 << 24;

  private final String tag = UUID.randomUUID().toString().substring(0, 8);
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final AtomicLong lastId =
      new AtomicLong(
          Sonyflake.floor(now) + ThreadLocalRandom.current().nextInt(IDS_OF_A_TIME_UNIT));

  private final AtomicLong changes = new AtomicLong();

  /** When these drafts were made, in whole milliseconds. */
  public Instant now() {
    return now;
  }

  /** A new id, above all before. */
  public MessageId id() {
    return MessageId.of(lastId.incrementAndGet());
  }

  public ConversationId conversationId() {
    return ConversationId.of(lastId.incrementAndGet());
  }

  /** The user of this name; in every other test the same name is another user. */
  public UserId user(String name) {
    return UserId.of(name + "-" + tag);
  }

  /** A draft of a plain text under a client message id of its own, its membership unverified. */
  public Draft text(ConversationId conversation, UserId sender, String text) {
    return draft(conversation, sender).text(text).build();
  }

  /** A draft of some text, to be changed before it is built. */
  public Builder draft(ConversationId conversation, UserId sender) {
    return new Builder(this, conversation, sender);
  }

  /**
   * The same content under the same client message id, but a new id and time: what the engine makes
   * of a retry.
   */
  public Draft retryOf(Draft draft) {
    return Draft.of(
        id(),
        draft.conversation(),
        draft.sender(),
        draft.content(),
        draft.contentHash(),
        draft.createdAt().plusMillis(1),
        draft.verifiedRev());
  }

  /** An edit to a plain text. */
  public Edit edit(ConversationId conversation, long seq, UserId actor, String text) {
    return new Edit(conversation, seq, actor, MessageEdit.text(text), later());
  }

  /** An edit to a plain text that keeps what the message says until then. */
  public Edit keepingEdit(ConversationId conversation, long seq, UserId actor, String text) {
    return new Edit(conversation, seq, actor, MessageEdit.text(text), later(), true);
  }

  /** A reaction that is given. */
  public Reaction reaction(ConversationId conversation, long seq, UserId actor, Emoji emoji) {
    return new Reaction(conversation, seq, actor, emoji, true, later());
  }

  /** A reaction that is taken back. */
  public Reaction takenBack(ConversationId conversation, long seq, UserId actor, Emoji emoji) {
    return new Reaction(conversation, seq, actor, emoji, false, later());
  }

  /** A pin; owners and admins may pin. */
  public Pin pin(ConversationId conversation, long seq, UserId actor) {
    return new Pin(conversation, seq, actor, true, Set.of(Role.OWNER, Role.ADMIN), later());
  }

  /** The end of a pin; owners and admins may do that. */
  public Pin unpin(ConversationId conversation, long seq, UserId actor) {
    return new Pin(conversation, seq, actor, false, Set.of(Role.OWNER, Role.ADMIN), later());
  }

  /** A deletion; owners and admins may delete messages of others. */
  public Deletion deletion(ConversationId conversation, long seq, UserId actor) {
    return new Deletion(conversation, seq, actor, Set.of(Role.OWNER, Role.ADMIN), later());
  }

  /** Another time with each call. */
  private Instant later() {
    return now.plusMillis(changes.incrementAndGet());
  }

  /** The message that a draft has to become under a seq. */
  public static Message stored(Draft draft, long seq) {
    return Message.builder(
            draft.conversation(),
            draft.id(),
            seq,
            draft.sender(),
            draft.clientMessageId(),
            draft.text(),
            draft.createdAt())
        .replyTo(draft.replyTo())
        .mentions(draft.mentions())
        .attributes(draft.attributes())
        .forwardOf(draft.forwardOf())
        .attachments(draft.attachments())
        .build();
  }

  /** One draft under construction. */
  public static final class Builder {
    private final ConversationId conversation;
    private final UserId sender;
    private Instant createdAt;
    private MessageId id;
    private ClientMessageId clientMessageId;
    private String text;
    private @Nullable Long replyTo;
    private List<UserId> mentions = List.of();
    private @Nullable String attributes;
    private long verifiedRev = Draft.UNVERIFIED;
    private @Nullable ForwardOf forwardOf;
    private List<FileId> attachments = List.of();

    private Builder(Drafts drafts, ConversationId conversation, UserId sender) {
      this.conversation = conversation;
      this.sender = sender;
      this.createdAt = drafts.now;
      this.id = drafts.id();
      this.clientMessageId = ClientMessageId.of("c" + id);
      this.text = "text " + id;
    }

    public Builder createdAt(Instant value) {
      createdAt = value;
      return this;
    }

    public Builder id(MessageId value) {
      id = value;
      return this;
    }

    public Builder clientMessageId(String value) {
      clientMessageId = ClientMessageId.of(value);
      return this;
    }

    public Builder text(String value) {
      text = value;
      return this;
    }

    public Builder replyTo(long seq) {
      replyTo = seq;
      return this;
    }

    public Builder mentions(UserId... users) {
      mentions = List.of(users);
      return this;
    }

    public Builder attributes(String value) {
      attributes = value;
      return this;
    }

    public Builder verifiedRev(long rev) {
      verifiedRev = rev;
      return this;
    }

    public Builder forwardOf(ConversationId origin, long seq) {
      forwardOf = ForwardOf.of(origin, seq);
      return this;
    }

    public Builder attachments(String... files) {
      attachments = Stream.of(files).map(FileId::of).toList();
      return this;
    }

    public Draft build() {
      // The store only compares it; any function of the content will do, and negative values must.
      long contentHash =
          Objects.hash(text, replyTo, mentions, attributes, forwardOf, attachments)
              * 0x9E3779B97F4A7C15L;
      return new Draft(
          id,
          conversation,
          sender,
          clientMessageId,
          contentHash,
          text,
          replyTo,
          mentions,
          attributes,
          createdAt,
          verifiedRev,
          forwardOf,
          attachments);
    }
  }
}
