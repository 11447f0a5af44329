package chat.engine.internal.hook;

import chat.engine.hook.ActionHook;
import chat.engine.hook.CommitObserver;
import chat.engine.hook.ContactPolicy;
import chat.engine.hook.EngineTimings;
import chat.engine.hook.Membership;
import chat.engine.hook.OfflineNotifier;
import chat.engine.hook.SendHook;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the application gave the engine to call.
 *
 * @param memberships by the prefix of their keys
 */
public record Hooks(
    @Nullable SendHook send,
    @Nullable ActionHook action,
    @Nullable CommitObserver committed,
    @Nullable OfflineNotifier offline,
    EngineTimings timings,
    Map<String, Membership> memberships,
    @Nullable ContactPolicy contacts) {}
