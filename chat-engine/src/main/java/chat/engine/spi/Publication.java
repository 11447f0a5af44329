package chat.engine.spi;

import java.util.List;

/**
 * An envelope and where it goes: once to each other node that is subscribed to at least one of the
 * topics. The payload is opaque to the router and must not be changed by anybody.
 */
public record Publication(List<Topic> topics, byte[] payload) {}
