package chat.server.config;

/** What links the nodes of a cluster. */
public enum RouterKind {
  /** Nothing: this node is alone. */
  NONE,
  /** The database itself. */
  POSTGRES,
  REDIS
}
