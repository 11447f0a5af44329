package chat.server.contacts;

/** What it takes to become contacts. */
public enum ContactPolicy {
  /** One adds the other, who is not asked. */
  MUTUAL,
  /** One asks, and the other accepts. */
  REQUEST
}
