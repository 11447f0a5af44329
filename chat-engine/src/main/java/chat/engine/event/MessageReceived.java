package chat.engine.event;

import chat.engine.Message;

/**
 * A committed message. Within a conversation each session gets every seq, in order and once; the
 * session that sent it gets the acknowledgement instead, not this event.
 */
public record MessageReceived(Message message) implements ChatEvent {}
