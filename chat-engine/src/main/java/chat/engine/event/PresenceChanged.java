package chat.engine.event;

import chat.engine.Presence;

/**
 * A watched user came online or went offline; see {@link chat.engine.ChatSession#watchPresence}.
 */
public record PresenceChanged(Presence presence) implements ChatEvent {
  @Override
  public boolean ephemeral() {
    return true;
  }
}
