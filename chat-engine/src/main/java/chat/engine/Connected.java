package chat.engine;

/**
 * The answer to {@link ChatEngine#connect(UserId, DeviceId, java.util.Map, ChatListener)}: the
 * session, and where the user's conversations stood when its live stream began.
 */
public record Connected(ChatSession session, SyncResult sync) {}
