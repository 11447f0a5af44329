package chat.engine.examples.faultcheck.history;

/** One line of a history: something that happened, or something that was stored at the end. */
public sealed interface Line permits Event, Fact {}
