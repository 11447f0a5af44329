package chat.engine.spi;

/**
 * What nodes subscribe to: a short opaque text without control characters, at most 800 bytes in
 * UTF-8. The engine uses one per user, one per group, one per watched presence, and one that every
 * node has; the router gives them no meaning.
 */
public record Topic(String name) {
  @Override
  public String toString() {
    return name;
  }
}
