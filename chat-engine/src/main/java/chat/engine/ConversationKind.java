package chat.engine;

/**
 * Direct: exactly two users, for ever. Group: any number of members with roles, who come and go.
 */
public enum ConversationKind {
  DIRECT,
  GROUP
}
