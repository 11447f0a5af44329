package chat.engine;

/** Received: it has reached a device. Read: a person has seen it, which implies received. */
public enum ReceiptKind {
  RECEIVED,
  READ
}
