package chat.engine.internal.cluster;

import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.ConversationKind;
import chat.engine.Emoji;
import chat.engine.FileId;
import chat.engine.ForwardOf;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.Preferences;
import chat.engine.Privacy;
import chat.engine.ReactionChange;
import chat.engine.ReactionCount;
import chat.engine.ReceiptKind;
import chat.engine.ReplyPreview;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Receipt;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of an {@link Envelope}: a version, a checksum (CRC-32C) of all that follows, a mark of
 * the store, a type, the fields in order; big-endian, texts as a length and UTF-8. Nodes of
 * different versions of this library may meet during a rolling upgrade: an envelope of an unknown
 * version or type is refused, and its receiver compares itself with the store. An envelope that
 * belongs to another store is dropped. The attributes, the description and the like of a
 * conversation travel with its changes and its creation only: nobody needs them with a message or a
 * reaction. Thread-safe.
 */
public final class EnvelopeCodec {
  private static final byte VERSION = 7;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;
  private static final byte COMMITTED = 1;
  private static final byte CHANGED = 2;
  private static final byte CREATED = 3;
  private static final byte RECEIPT = 4;
  private static final byte TYPING = 5;
  private static final byte PRESENCE = 6;
  private static final byte DISCONNECT = 7;
  private static final byte PREFERENCES = 10;
  private static final byte BLOCK_CHANGED = 11;
  private static final byte OWN_READ = 12;
  private static final byte PRIVACY = 13;
  private static final byte GONE = 21;

  private final long storeMark;

  /**
   * @param epoch of the store; see {@link chat.engine.spi.MessageStore#epoch()}
   */
  public EnvelopeCodec(String epoch) {
    this.storeMark = mark(epoch);
  }

  /** The first 64 bits of the SHA-256 of the epoch. */
  private static long mark(String epoch) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(epoch.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  byte[] encode(Envelope envelope) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(0); // the checksum, filled in below
      out.writeLong(storeMark);
      write(out, envelope);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    byte[] payload = bytes.toByteArray();
    ByteBuffer.wrap(payload).putInt(1, checksum(payload));
    return payload;
  }

  private static int checksum(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload, HEADER_BYTES, payload.length - HEADER_BYTES);
    return (int) crc.getValue();
  }

  /**
   * @return null if the envelope belongs to another store
   * @throws IllegalArgumentException if these are not the bytes of an envelope that this version
   *     knows
   */
  @Nullable Envelope decode(byte[] payload) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload))) {
      byte version = in.readByte();
      if (version != VERSION) {
        throw new IllegalArgumentException("envelope of version " + version);
      }
      if (in.readInt() != checksum(payload)) {
        throw new IllegalArgumentException("the checksum of an envelope is wrong");
      }
      if (in.readLong() != storeMark) {
        return null;
      }
      Envelope envelope = read(in);
      if (in.available() > 0) {
        throw new IllegalArgumentException("an envelope is too long");
      }
      return envelope;
    } catch (IOException | RuntimeException broken) {
      throw new IllegalArgumentException("not an envelope of this version", broken);
    }
  }

  private static void write(DataOutputStream out, Envelope envelope) throws IOException {
    if (envelope instanceof Envelope.Committed committed) {
      out.writeByte(COMMITTED);
      writeConversation(out, committed.conversation().withoutDetails());
      writeMessage(out, committed.message());
      out.writeLong(committed.membersRev());
    } else if (envelope instanceof Envelope.Changed changed) {
      out.writeByte(CHANGED);
      boolean withAttributes = changed.change().kind() != ConversationChange.Kind.MESSAGE_REACTED;
      writeConversation(
          out,
          withAttributes ? changed.conversation() : changed.conversation().withAttributes(null));
      writeChange(out, changed.change());
    } else if (envelope instanceof Envelope.Created created) {
      out.writeByte(CREATED);
      writeConversation(out, created.conversation());
      writeUsers(out, created.members());
    } else if (envelope instanceof Envelope.Receipt receipt) {
      out.writeByte(RECEIPT);
      writeConversation(out, receipt.conversation().withoutDetails());
      writeText(out, receipt.user().value());
      writeText(out, receipt.kind().name());
      out.writeLong(receipt.seq());
      out.writeLong(receipt.membersRev());
    } else if (envelope instanceof Envelope.PreferencesSet preferences) {
      out.writeByte(PREFERENCES);
      writeConversation(out, preferences.conversation().withAttributes(null));
      writePreferences(out, preferences.member());
      out.writeLong(preferences.membersRev());
    } else if (envelope instanceof Envelope.BlockChanged changed) {
      out.writeByte(BLOCK_CHANGED);
      writeText(out, changed.one().value());
      writeText(out, changed.other().value());
    } else if (envelope instanceof Envelope.OwnRead read) {
      out.writeByte(OWN_READ);
      writeConversation(out, read.conversation().withoutDetails());
      writeText(out, read.user().value());
      out.writeLong(read.seq());
      out.writeLong(read.membersRev());
    } else if (envelope instanceof Envelope.PrivacySet set) {
      out.writeByte(PRIVACY);
      writeText(out, set.user().value());
      writeText(out, set.privacy().lastSeen().name());
      out.writeBoolean(set.privacy().readReceipts());
      out.writeLong(set.privacy().version());
    } else if (envelope instanceof Envelope.Typing typing) {
      out.writeByte(TYPING);
      writeConversation(out, typing.conversation().withoutDetails());
      writeText(out, typing.user().value());
      out.writeBoolean(typing.on());
      out.writeLong(typing.membersRev());
    } else if (envelope instanceof Envelope.PresenceHint hint) {
      out.writeByte(PRESENCE);
      writeUsers(out, hint.users());
      writeText(out, hint.kind().name());
      out.writeLong(hint.graceMillis());
    } else if (envelope instanceof Envelope.Disconnect disconnect) {
      out.writeByte(DISCONNECT);
      writeText(out, disconnect.user().value());
      writeText(out, disconnect.explanation());
    } else if (envelope instanceof Envelope.Gone gone) {
      out.writeByte(GONE);
      writeText(out, gone.user().value());
    }
  }

  private static Envelope read(DataInputStream in) throws IOException {
    byte type = in.readByte();
    return switch (type) {
      case COMMITTED -> {
        Conversation conversation = readConversation(in);
        yield new Envelope.Committed(
            conversation, readMessage(in, conversation.id()), in.readLong());
      }
      case CHANGED -> {
        Conversation conversation = readConversation(in);
        yield new Envelope.Changed(conversation, readChange(in, conversation.id()));
      }
      case CREATED -> new Envelope.Created(readConversation(in), readUsers(in));
      case RECEIPT ->
          new Envelope.Receipt(
              readConversation(in),
              readUser(in),
              ReceiptKind.valueOf(readText(in)),
              in.readLong(),
              in.readLong());
      case PREFERENCES -> {
        Conversation conversation = readConversation(in);
        yield new Envelope.PreferencesSet(
            conversation, readPreferences(in, conversation.id()), in.readLong());
      }
      case BLOCK_CHANGED -> new Envelope.BlockChanged(readUser(in), readUser(in));
      case OWN_READ ->
          new Envelope.OwnRead(readConversation(in), readUser(in), in.readLong(), in.readLong());
      case PRIVACY ->
          new Envelope.PrivacySet(
              readUser(in),
              new Privacy(Privacy.Audience.valueOf(readText(in)), in.readBoolean(), in.readLong()));
      case TYPING ->
          new Envelope.Typing(readConversation(in), readUser(in), in.readBoolean(), in.readLong());
      case PRESENCE ->
          new Envelope.PresenceHint(
              readUsers(in), Envelope.PresenceHint.Kind.valueOf(readText(in)), in.readLong());
      case GONE -> new Envelope.Gone(readUser(in));
      case DISCONNECT -> new Envelope.Disconnect(readUser(in), readText(in));
      default -> throw new IllegalArgumentException("envelope of type " + type);
    };
  }

  private static void writePreferences(DataOutputStream out, Receipt member) throws IOException {
    Preferences preferences = member.preferences();
    writeText(out, member.user().value());
    out.writeLong(member.joinedRev());
    out.writeLong(preferences.version());
    writeOptionalTime(out, preferences.mutedUntil());
    writeOptionalLong(out, preferences.archivedAtSeq());
    out.writeBoolean(preferences.pinned());
    writeOptionalLong(out, preferences.unreadFrom());
  }

  private static Receipt readPreferences(DataInputStream in, ConversationId conversation)
      throws IOException {
    UserId user = readUser(in);
    long joinedRev = in.readLong();
    Preferences preferences =
        new Preferences(
            in.readLong(),
            readOptionalTime(in),
            readOptionalLong(in),
            in.readBoolean(),
            readOptionalLong(in));
    return new Receipt(conversation, user, 0, 0, joinedRev, preferences);
  }

  private static void writeConversation(DataOutputStream out, Conversation conversation)
      throws IOException {
    out.writeLong(conversation.id().value());
    out.writeBoolean(conversation.kind() == ConversationKind.GROUP);
    writeOptionalText(out, conversation.name());
    writeUsers(out, conversation.peers());
    out.writeLong(conversation.createdAt().toEpochMilli());
    writeOptionalText(out, conversation.attributes());
    writeOptionalText(out, conversation.description());
    writeOptionalText(out, conversation.avatarUrl());
    out.writeLong(conversation.slowMode().toSeconds());
    writeHistory(out, conversation.history());
  }

  private static Conversation readConversation(DataInputStream in) throws IOException {
    return new Conversation(
        ConversationId.of(in.readLong()),
        in.readBoolean() ? ConversationKind.GROUP : ConversationKind.DIRECT,
        readOptionalText(in),
        readUsers(in),
        Instant.ofEpochMilli(in.readLong()),
        readOptionalText(in),
        readOptionalText(in),
        readOptionalText(in),
        Duration.ofSeconds(in.readLong()),
        readHistory(in));
  }

  private static void writeMessage(DataOutputStream out, Message message) throws IOException {
    out.writeLong(message.id().value());
    out.writeLong(message.seq());
    writeText(out, message.from().value());
    writeText(out, message.clientMessageId().value());
    writeText(out, message.text());
    writeOptionalLong(out, message.replyTo());
    writeUsers(out, message.mentions());
    writeOptionalText(out, message.attributes());
    out.writeLong(message.createdAt().toEpochMilli());
    out.writeLong(message.rev());
    writeOptionalTime(out, message.editedAt());
    writeOptionalTime(out, message.deletedAt());
    out.writeInt(message.reactions().size());
    for (ReactionCount reaction : message.reactions()) {
      writeText(out, reaction.emoji().value());
      out.writeLong(reaction.count());
    }
    writePreview(out, message.replyPreview());
    writeForwardOf(out, message.forwardOf());
    out.writeInt(message.attachments().size());
    for (FileId file : message.attachments()) {
      writeText(out, file.value());
    }
  }

  private static void writeForwardOf(DataOutputStream out, @Nullable ForwardOf forwardOf)
      throws IOException {
    out.writeBoolean(forwardOf != null);
    if (forwardOf != null) {
      ConversationId conversation = forwardOf.conversation();
      writeOptionalLong(out, conversation == null ? null : conversation.value());
      out.writeLong(forwardOf.seq());
    }
  }

  private static @Nullable ForwardOf readForwardOf(DataInputStream in) throws IOException {
    if (!in.readBoolean()) {
      return null;
    }
    Long conversation = readOptionalLong(in);
    long seq = in.readLong();
    return conversation == null
        ? ForwardOf.ELSEWHERE
        : ForwardOf.of(ConversationId.of(conversation), seq);
  }

  private static Message readMessage(DataInputStream in, ConversationId conversation)
      throws IOException {
    MessageId id = MessageId.of(in.readLong());
    long seq = in.readLong();
    UserId from = readUser(in);
    ClientMessageId clientMessageId = ClientMessageId.of(readText(in));
    String text = readText(in);
    Long replyTo = readOptionalLong(in);
    List<UserId> mentions = readUsers(in);
    String attributes = readOptionalText(in);
    Instant createdAt = Instant.ofEpochMilli(in.readLong());
    return Message.builder(conversation, id, seq, from, clientMessageId, text, createdAt)
        .replyTo(replyTo)
        .mentions(mentions)
        .attributes(attributes)
        .rev(in.readLong())
        .editedAt(readOptionalTime(in))
        .deletedAt(readOptionalTime(in))
        .reactions(readReactions(in))
        .replyPreview(readPreview(in))
        .forwardOf(readForwardOf(in))
        .attachments(readFiles(in))
        .build();
  }

  private static List<FileId> readFiles(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<FileId> files = new ArrayList<>(Math.min(count, 16));
    for (int i = 0; i < count; i++) {
      files.add(FileId.of(readText(in)));
    }
    return files;
  }

  private static List<ReactionCount> readReactions(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<ReactionCount> reactions = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      reactions.add(new ReactionCount(Emoji.fromStored(readText(in)), in.readLong(), null));
    }
    return reactions;
  }

  private static void writePreview(DataOutputStream out, @Nullable ReplyPreview preview)
      throws IOException {
    out.writeBoolean(preview != null);
    if (preview != null) {
      out.writeLong(preview.seq());
      writeText(out, preview.from().value());
      writeText(out, preview.text());
      out.writeLong(preview.rev());
      out.writeBoolean(preview.edited());
      out.writeBoolean(preview.deleted());
    }
  }

  private static @Nullable ReplyPreview readPreview(DataInputStream in) throws IOException {
    return in.readBoolean()
        ? new ReplyPreview(
            in.readLong(),
            readUser(in),
            readText(in),
            in.readLong(),
            in.readBoolean(),
            in.readBoolean())
        : null;
  }

  private static void writeOptionalTime(DataOutputStream out, @Nullable Instant time)
      throws IOException {
    writeOptionalLong(out, time == null ? null : time.toEpochMilli());
  }

  private static @Nullable Instant readOptionalTime(DataInputStream in) throws IOException {
    Long millis = readOptionalLong(in);
    return millis == null ? null : Instant.ofEpochMilli(millis);
  }

  private static void writeChange(DataOutputStream out, ConversationChange change)
      throws IOException {
    out.writeLong(change.rev());
    out.writeLong(change.atSeq());
    writeText(out, change.kind().name());
    writeText(out, change.actor().value());
    writeUsers(out, change.subjects());
    Role role = change.role();
    writeOptionalText(out, role == null ? null : role.name());
    writeOptionalText(out, change.name());
    writeOptionalText(out, change.attributes());
    Message message = change.message();
    out.writeBoolean(message != null);
    if (message != null) {
      writeMessage(out, message);
    }
    out.writeLong(change.at().toEpochMilli());
    ReactionChange reaction = change.reaction();
    out.writeBoolean(reaction != null);
    if (reaction != null) {
      out.writeLong(reaction.seq());
      writeText(out, reaction.emoji().value());
      out.writeBoolean(reaction.on());
      out.writeLong(reaction.count());
    }
    writeUpdate(out, change.update());
    writeOptionalTime(out, change.until());
    writeOptionalLong(out, change.pinSeq());
    writeOptionalLong(out, change.firstSeq());
    Duration retention = change.retention();
    writeOptionalLong(out, retention == null ? null : retention.toSeconds());
  }

  private static void writeHistory(DataOutputStream out, HistoryAccess history) throws IOException {
    out.writeBoolean(history == HistoryAccess.JOINED);
  }

  private static HistoryAccess readHistory(DataInputStream in) throws IOException {
    return in.readBoolean() ? HistoryAccess.JOINED : HistoryAccess.ALL;
  }

  private static void writeUpdate(DataOutputStream out, @Nullable GroupUpdate update)
      throws IOException {
    out.writeInt(update == null ? 0 : update.fields().size());
    if (update != null) {
      for (GroupUpdate.Field field : update.fields()) {
        writeText(out, field.name());
      }
      writeOptionalText(out, update.name());
      writeOptionalText(out, update.description());
      writeOptionalText(out, update.avatarUrl());
      writeOptionalText(out, update.attributes());
      out.writeLong(update.slowMode().toSeconds());
      writeHistory(out, update.history());
    }
  }

  private static @Nullable GroupUpdate readUpdate(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count == 0) {
      return null;
    }
    Set<GroupUpdate.Field> fields = EnumSet.noneOf(GroupUpdate.Field.class);
    for (int i = 0; i < count; i++) {
      fields.add(GroupUpdate.Field.valueOf(readText(in)));
    }
    return new GroupUpdate(
        fields,
        readOptionalText(in),
        readOptionalText(in),
        readOptionalText(in),
        readOptionalText(in),
        Duration.ofSeconds(in.readLong()),
        readHistory(in));
  }

  private static ConversationChange readChange(DataInputStream in, ConversationId conversation)
      throws IOException {
    long rev = in.readLong();
    long atSeq = in.readLong();
    ConversationChange.Kind kind = ConversationChange.Kind.valueOf(readText(in));
    UserId actor = readUser(in);
    List<UserId> subjects = readUsers(in);
    String role = readOptionalText(in);
    return new ConversationChange(
        conversation,
        rev,
        atSeq,
        kind,
        actor,
        subjects,
        role == null ? null : Role.valueOf(role),
        readOptionalText(in),
        readOptionalText(in),
        in.readBoolean() ? readMessage(in, conversation) : null,
        Instant.ofEpochMilli(in.readLong()),
        in.readBoolean() ? readReaction(in) : null,
        readUpdate(in),
        readOptionalTime(in),
        readOptionalLong(in),
        readOptionalLong(in),
        readOptionalSeconds(in));
  }

  private static @Nullable Duration readOptionalSeconds(DataInputStream in) throws IOException {
    Long seconds = readOptionalLong(in);
    return seconds == null ? null : Duration.ofSeconds(seconds);
  }

  private static ReactionChange readReaction(DataInputStream in) throws IOException {
    return new ReactionChange(
        in.readLong(), Emoji.fromStored(readText(in)), in.readBoolean(), in.readLong());
  }

  private static void writeUsers(DataOutputStream out, List<UserId> users) throws IOException {
    out.writeInt(users.size());
    for (UserId user : users) {
      writeText(out, user.value());
    }
  }

  private static List<UserId> readUsers(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<UserId> users = new ArrayList<>(Math.min(count, 1024));
    for (int i = 0; i < count; i++) {
      users.add(readUser(in));
    }
    return users;
  }

  private static UserId readUser(DataInputStream in) throws IOException {
    return UserId.fromStored(readText(in));
  }

  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(utf8.length);
    out.write(utf8);
  }

  private static String readText(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] utf8 = in.readNBytes(length);
    if (utf8.length < length) {
      throw new IllegalArgumentException("an envelope was cut off");
    }
    return new String(utf8, StandardCharsets.UTF_8);
  }

  private static void writeOptionalText(DataOutputStream out, @Nullable String text)
      throws IOException {
    out.writeBoolean(text != null);
    if (text != null) {
      writeText(out, text);
    }
  }

  private static @Nullable String readOptionalText(DataInputStream in) throws IOException {
    return in.readBoolean() ? readText(in) : null;
  }

  private static void writeOptionalLong(DataOutputStream out, @Nullable Long value)
      throws IOException {
    out.writeBoolean(value != null);
    if (value != null) {
      out.writeLong(value);
    }
  }

  private static @Nullable Long readOptionalLong(DataInputStream in) throws IOException {
    return in.readBoolean() ? in.readLong() : null;
  }
}
