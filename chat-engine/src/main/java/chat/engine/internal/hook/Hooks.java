package chat.engine.internal.hook;

import chat.engine.hook.ActionHook;
import chat.engine.hook.CommitObserver;
import chat.engine.hook.EngineTimings;
import chat.engine.hook.OfflineNotifier;
import chat.engine.hook.SendHook;
import org.jspecify.annotations.Nullable;

/** What the application gave the engine to call. */
public record Hooks(
    @Nullable SendHook send,
    @Nullable ActionHook action,
    @Nullable CommitObserver committed,
    @Nullable OfflineNotifier offline,
    EngineTimings timings) {}
