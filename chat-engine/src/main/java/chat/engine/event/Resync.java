package chat.engine.event;

/**
 * The live stream of this session was cut because its listener could not keep up; nothing is lost,
 * everything is in the store. Until {@link chat.engine.ChatSession#sync} is called no further
 * message arrives.
 */
public record Resync() implements ChatEvent {}
