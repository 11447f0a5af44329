package chat.engine.postgres.row;

import chat.engine.ConversationChange;
import chat.engine.ConversationKind;
import chat.engine.HistoryAccess;
import chat.engine.Role;
import org.jspecify.annotations.Nullable;

/** The one-letter codes of the schema. */
public final class Codes {
  private Codes() {}

  public static String of(Role role) {
    return switch (role) {
      case OWNER -> "O";
      case ADMIN -> "A";
      case MEMBER -> "M";
    };
  }

  public static @Nullable String ofOptional(@Nullable Role role) {
    return role == null ? null : of(role);
  }

  public static Role role(String code) {
    return switch (code) {
      case "O" -> Role.OWNER;
      case "A" -> Role.ADMIN;
      case "M" -> Role.MEMBER;
      default -> throw new IllegalStateException("unknown role code " + code);
    };
  }

  public static String of(ConversationChange.Kind kind) {
    return switch (kind) {
      case ADDED -> "A";
      case REMOVED -> "R";
      case ROLE_SET -> "S";
      case RENAMED -> "N";
      case ATTRIBUTES_SET -> "T";
      case DELETED -> "D";
      case MESSAGE_EDITED -> "E";
      case MESSAGE_DELETED -> "X";
      case MESSAGE_REACTED -> "Z";
      case UPDATED -> "U";
      case BANNED -> "B";
      case UNBANNED -> "F";
      case SILENCED -> "Q";
      case PINNED -> "P";
      case UNPINNED -> "V";
      case EXPIRED -> "C";
      case RETENTION_SET -> "K";
      case PEER_REPLACED -> "I";
    };
  }

  public static ConversationChange.Kind kind(String code) {
    return switch (code) {
      case "A" -> ConversationChange.Kind.ADDED;
      case "R" -> ConversationChange.Kind.REMOVED;
      case "S" -> ConversationChange.Kind.ROLE_SET;
      case "N" -> ConversationChange.Kind.RENAMED;
      case "T" -> ConversationChange.Kind.ATTRIBUTES_SET;
      case "D" -> ConversationChange.Kind.DELETED;
      case "E" -> ConversationChange.Kind.MESSAGE_EDITED;
      case "X" -> ConversationChange.Kind.MESSAGE_DELETED;
      case "Z" -> ConversationChange.Kind.MESSAGE_REACTED;
      case "U" -> ConversationChange.Kind.UPDATED;
      case "B" -> ConversationChange.Kind.BANNED;
      case "F" -> ConversationChange.Kind.UNBANNED;
      case "Q" -> ConversationChange.Kind.SILENCED;
      case "P" -> ConversationChange.Kind.PINNED;
      case "V" -> ConversationChange.Kind.UNPINNED;
      case "C" -> ConversationChange.Kind.EXPIRED;
      case "K" -> ConversationChange.Kind.RETENTION_SET;
      case "I" -> ConversationChange.Kind.PEER_REPLACED;
      default -> throw new IllegalStateException("unknown kind of change " + code);
    };
  }

  public static String of(ConversationKind kind) {
    return kind == ConversationKind.DIRECT ? "D" : "G";
  }

  public static ConversationKind conversationKind(String code) {
    return code.equals("D") ? ConversationKind.DIRECT : ConversationKind.GROUP;
  }

  /** Null for all of it. */
  public static @Nullable String of(HistoryAccess history) {
    return history == HistoryAccess.JOINED ? "J" : null;
  }

  /** Of what {@link #of(HistoryAccess)} gave. */
  public static HistoryAccess history(@Nullable String code) {
    return code == null ? HistoryAccess.ALL : HistoryAccess.JOINED;
  }
}
