package chat.engine.event;

import chat.engine.Presence;

/**
 * A watched user came online or went offline; see {@link chat.engine.ChatSession#watchPresence}. A
 * session that could not take such an event, because it was full or its stream was cut, gets it
 * when it can, so the same state may be reported twice.
 */
public record PresenceChanged(Presence presence) implements ChatEvent {
  @Override
  public boolean ephemeral() {
    return true;
  }
}
