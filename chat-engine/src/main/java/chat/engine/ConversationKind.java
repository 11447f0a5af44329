package chat.engine;

/**
 * Direct: exactly two users, who never change. Group: any number of members with roles, who come
 * and go.
 */
public enum ConversationKind {
  DIRECT,
  GROUP
}
