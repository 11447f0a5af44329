package chat.engine.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.engine.ClientMessageId;
import chat.engine.Conversation;
import chat.engine.ConversationChange;
import chat.engine.ConversationId;
import chat.engine.Emoji;
import chat.engine.FileId;
import chat.engine.ForwardOf;
import chat.engine.GroupUpdate;
import chat.engine.HistoryAccess;
import chat.engine.Message;
import chat.engine.MessageId;
import chat.engine.Preferences;
import chat.engine.PreferencesEdit;
import chat.engine.Privacy;
import chat.engine.ReactionChange;
import chat.engine.ReceiptKind;
import chat.engine.Role;
import chat.engine.UserId;
import chat.engine.spi.ConversationStore.Change;
import chat.engine.spi.ConversationStore.Receipt;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EnvelopeCodecTest {
  private static final UserId ADA = UserId.of("ada");
  private static final UserId BOB = UserId.of("böb 😀");
  private static final Instant TIME = Instant.ofEpochMilli(1_764_100_000_123L);
  private static final Conversation GROUP =
      Conversation.group(ConversationId.of(1L << 61), "grüppe", TIME)
          .withHistory(HistoryAccess.JOINED);
  private static final Conversation TALK =
      Conversation.direct(ConversationId.of(7), ADA, BOB, TIME);
  private static final int CHECKSUM_AT = 1;
  private static final int FIELDS_AT = 13;

  private final EnvelopeCodec codec = new EnvelopeCodec("epoch");

  private static Message message(boolean full) {
    return Message.builder(
            full ? GROUP.id() : TALK.id(),
            MessageId.of(Long.MAX_VALUE),
            full ? 12 : 1,
            full ? ADA : UserId.SYSTEM,
            ClientMessageId.of("client"),
            "text \"with\" \n 😀",
            TIME)
        .replyTo(full ? 11L : null)
        .mentions(full ? List.of(ADA, BOB) : List.of())
        .attributes(full ? "{\"a\": [1, 2]}" : null)
        .forwardOf(full ? ForwardOf.of(TALK.id(), 3) : null)
        .attachments(full ? List.of(FileId.of("a_1"), FileId.of("b-2")) : List.of())
        .build();
  }

  private static ConversationChange change(ConversationChange.Kind kind, List<UserId> subjects) {
    boolean renames = kind == ConversationChange.Kind.RENAMED;
    boolean role =
        kind == ConversationChange.Kind.ADDED || kind == ConversationChange.Kind.ROLE_SET;
    return new ConversationChange(
        GROUP.id(),
        9,
        4,
        kind,
        UserId.SYSTEM,
        subjects,
        role ? Role.ADMIN : null,
        renames ? "neu" : null,
        TIME);
  }

  private static final Conversation FULL = everything().applyTo(GROUP);

  private static Envelope preferences(Preferences preferences, long joinedRev) {
    return new Envelope.PreferencesSet(
        GROUP, new Receipt(GROUP.id(), BOB, 0, 0, joinedRev, preferences), 4);
  }

  static List<Envelope> envelopes() {
    List<UserId> many = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      many.add(UserId.of("user " + i));
    }
    return List.of(
        new Envelope.Committed(GROUP, message(true), 9),
        new Envelope.Committed(TALK, message(false), 0),
        new Envelope.Changed(GROUP, change(ConversationChange.Kind.ADDED, many)),
        new Envelope.Changed(GROUP, change(ConversationChange.Kind.REMOVED, List.of(ADA, BOB))),
        new Envelope.Changed(GROUP, change(ConversationChange.Kind.ROLE_SET, List.of(ADA))),
        new Envelope.Changed(GROUP, change(ConversationChange.Kind.RENAMED, List.of())),
        new Envelope.Changed(GROUP.withAttributes("{}"), attributesSet("{}")),
        new Envelope.Changed(GROUP, attributesSet(null)),
        new Envelope.Changed(TALK, deletion()),
        new Envelope.Committed(TALK, message(false).reacted(Emoji.of("\u2764\uFE0F"), true, 5), 0),
        new Envelope.Changed(GROUP, reaction(true)),
        new Envelope.Changed(TALK, reaction(false)),
        new Envelope.Changed(GROUP, ConversationChange.ofPin(GROUP.id(), 8, 4, ADA, 3, true, TIME)),
        new Envelope.Changed(TALK, ConversationChange.ofPin(TALK.id(), 8, 4, BOB, 3, false, TIME)),
        new Envelope.Changed(GROUP, ConversationChange.ofExpiry(GROUP.id(), 8, 4, 3, TIME)),
        new Envelope.Changed(
            TALK, ConversationChange.ofRetention(TALK.id(), 8, 4, ADA, Duration.ofDays(9), TIME)),
        new Envelope.Changed(
            TALK, ConversationChange.ofRetention(TALK.id(), 9, 4, ADA, null, TIME)),
        new Envelope.Changed(FULL, logged(Change.updated(everything()))),
        new Envelope.Changed(GROUP, logged(Change.updated(GroupUpdate.of().withAvatarUrl(null)))),
        new Envelope.Changed(GROUP, logged(Change.banned(BOB, TIME.plusSeconds(60)))),
        new Envelope.Changed(GROUP, logged(Change.banned(BOB, null))),
        new Envelope.Changed(GROUP, logged(Change.unbanned(BOB))),
        new Envelope.Changed(GROUP, logged(Change.silenced(BOB, TIME.plusSeconds(60)))),
        new Envelope.Created(FULL, List.of(ADA)),
        new Envelope.Created(GROUP, List.of(ADA, BOB)),
        new Envelope.Created(GROUP.withAttributes("gr\u00fcn"), List.of()),
        new Envelope.Created(TALK, List.of()),
        new Envelope.Receipt(GROUP, BOB, ReceiptKind.READ, 11, 4),
        new Envelope.BlockChanged(ADA, BOB),
        new Envelope.OwnRead(GROUP, BOB, 11, 4),
        new Envelope.PrivacySet(ADA, new Privacy(Privacy.Audience.NOBODY, false, 7)),
        new Envelope.PrivacySet(BOB, Privacy.OPEN),
        preferences(Preferences.NONE, 0),
        preferences(new Preferences(3, PreferencesEdit.FOR_GOOD, 7L, true, 2L), 5),
        new Envelope.Receipt(TALK, ADA, ReceiptKind.RECEIVED, Long.MAX_VALUE, 0),
        new Envelope.Typing(TALK, ADA, true, 0),
        new Envelope.Typing(GROUP, BOB, false, 7),
        new Envelope.PresenceHint(List.of(ADA, BOB), Envelope.PresenceHint.Kind.LEFT, 10_000),
        new Envelope.PresenceHint(List.of(), Envelope.PresenceHint.Kind.LOST, 0),
        new Envelope.Disconnect(BOB, "logged out"),
        new Envelope.Gone(BOB));
  }

  private static ConversationChange reaction(boolean on) {
    ReactionChange reaction = new ReactionChange(3, Emoji.of("\u2764\uFE0F"), on, 70);
    return ConversationChange.ofReaction(
        on ? GROUP.id() : TALK.id(), 8, 4, ADA, on ? reaction : null, TIME);
  }

  @Test
  void theAttributesOfAGroupDoNotTravelWithAReaction() {
    Envelope.Changed sent =
        new Envelope.Changed(GROUP.withAttributes("{\"long\": 1}"), reaction(true));

    assertThat(codec.decode(codec.encode(sent)))
        .isEqualTo(new Envelope.Changed(GROUP.withAttributes(null), reaction(true)));
  }

  private static GroupUpdate everything() {
    return GroupUpdate.of()
        .withName("neu")
        .withDescription("what it\nis about")
        .withAvatarUrl("https://pictures.example/hikers.png")
        .withAttributes("{\"a\": 1}")
        .withSlowMode(Duration.ofSeconds(30));
  }

  private static ConversationChange logged(Change change) {
    return change.logged(GROUP.id(), 9, 4, ADA, TIME);
  }

  private static ConversationChange deletion() {
    return new ConversationChange(
        TALK.id(),
        1,
        4,
        ConversationChange.Kind.DELETED,
        UserId.SYSTEM,
        List.of(ADA, BOB),
        null,
        null,
        TIME);
  }

  private static ConversationChange attributesSet(String attributes) {
    return new ConversationChange(
        GROUP.id(),
        3,
        2,
        ConversationChange.Kind.ATTRIBUTES_SET,
        UserId.SYSTEM,
        List.of(),
        null,
        null,
        attributes,
        TIME);
  }

  @Test
  void theAttributesOfAConversationDoNotTravelWithMessages() {
    Envelope.Committed bare = new Envelope.Committed(GROUP, message(true), 9);
    Envelope.Committed loaded =
        new Envelope.Committed(
            everything()
                .withAttributes("x".repeat(4096))
                .without(GroupUpdate.Field.NAME)
                .applyTo(GROUP),
            message(true),
            9);
    EnvelopeCodec codec = new EnvelopeCodec("epoch");

    assertThat(codec.decode(codec.encode(loaded))).isEqualTo(bare);
  }

  /** Those that are short enough to try every alteration. */
  static Stream<Envelope> shortEnvelopes() {
    return envelopes().stream()
        .filter(
            envelope ->
                !(envelope instanceof Envelope.Changed changed)
                    || changed.change().subjects().size() < 10);
  }

  private void assertRefused(byte[] payload, String as) {
    assertThatThrownBy(() -> codec.decode(payload))
        .as(as)
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** The bytes with the checksum that they need. */
  private static byte[] signed(byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(payload, 5, payload.length - 5);
    ByteBuffer.wrap(payload).putInt(CHECKSUM_AT, (int) crc.getValue());
    return payload;
  }

  @ParameterizedTest
  @MethodSource("envelopes")
  void whatIsDecodedIsWhatWasEncoded(Envelope envelope) {
    assertThat(codec.decode(codec.encode(envelope))).isEqualTo(envelope);
  }

  @ParameterizedTest
  @MethodSource("shortEnvelopes")
  void everyTruncationIsRefused(Envelope envelope) {
    byte[] whole = codec.encode(envelope);
    for (int length = 0; length < whole.length; length++) {
      assertRefused(Arrays.copyOf(whole, length), "cut to " + length);
    }
  }

  @ParameterizedTest
  @MethodSource("shortEnvelopes")
  void everyTruncationWithAFittingChecksumIsRefused(Envelope envelope) {
    byte[] whole = codec.encode(envelope);
    for (int length = FIELDS_AT; length < whole.length; length++) {
      assertRefused(signed(Arrays.copyOf(whole, length)), "cut to " + length);
    }
  }

  @ParameterizedTest
  @MethodSource("shortEnvelopes")
  void everyFlippedBitIsRefused(Envelope envelope) {
    byte[] whole = codec.encode(envelope);
    for (int bit = 0; bit < 8 * whole.length; bit++) {
      byte[] altered = whole.clone();
      altered[bit / 8] ^= (byte) (1 << bit % 8);
      assertRefused(altered, "bit " + bit);
    }
  }

  @ParameterizedTest
  @MethodSource("shortEnvelopes")
  void bytesBehindTheEndAreRefused(Envelope envelope) {
    byte[] whole = codec.encode(envelope);
    assertRefused(Arrays.copyOf(whole, whole.length + 1), "one byte more");
    assertRefused(signed(Arrays.copyOf(whole, whole.length + 1)), "one byte more, signed");
  }

  @Test
  void anotherVersionOrTypeIsRefused() {
    byte[] payload =
        codec.encode(new Envelope.PresenceHint(List.of(), Envelope.PresenceHint.Kind.LOST, 0));
    byte[] older = payload.clone();
    older[0]--;
    assertRefused(older, "an older version");
    byte[] unknown = payload.clone();
    unknown[FIELDS_AT] = 99;
    assertRefused(signed(unknown), "an unknown type");
  }

  @ParameterizedTest
  @MethodSource("envelopes")
  void whatBelongsToAnotherStoreIsDropped(Envelope envelope) {
    assertThat(new EnvelopeCodec("another epoch").decode(codec.encode(envelope))).isNull();
  }

  /** Counts and lengths that a stranger with a fitting checksum wrote must not fill the memory. */
  @Test
  void hugeAndNegativeCountsAreRefused() {
    for (int count : new int[] {Integer.MAX_VALUE, 1 << 30, -1, Integer.MIN_VALUE}) {
      byte[] users =
          codec.encode(new Envelope.PresenceHint(List.of(ADA), Envelope.PresenceHint.Kind.LEFT, 0));
      ByteBuffer.wrap(users).putInt(FIELDS_AT + 1, count);
      assertRefused(signed(users), count + " users");
      byte[] text =
          codec.encode(new Envelope.PresenceHint(List.of(ADA), Envelope.PresenceHint.Kind.LEFT, 0));
      ByteBuffer.wrap(text).putInt(FIELDS_AT + 5, count);
      assertRefused(signed(text), "a text of " + count + " bytes");
    }
  }

  @Test
  void anythingElseIsRefusedWithoutAnyOtherFault() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(60)];
      random.nextBytes(noise);
      if (noise.length > FIELDS_AT) {
        byte[] header =
            codec.encode(new Envelope.PresenceHint(List.of(), Envelope.PresenceHint.Kind.LOST, 0));
        System.arraycopy(header, 0, noise, 0, FIELDS_AT);
        noise[FIELDS_AT] = (byte) random.nextInt(8);
        signed(noise);
      }
      try {
        codec.decode(noise);
      } catch (IllegalArgumentException refused) {
        assertThat(refused).isNotNull();
      } catch (Throwable other) {
        throw new AssertionError("seed " + seed, other);
      }
    }
  }
}
