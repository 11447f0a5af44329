package chat.engine.internal;

import chat.engine.ChatEngine;
import chat.engine.internal.hook.Hooks;
import chat.engine.internal.runtime.EngineOptions;
import chat.engine.internal.runtime.Limit;
import chat.engine.internal.search.Searches;
import chat.engine.sonyflake.SonyflakeIdGenerator;
import chat.engine.spi.IdGenerator;
import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MessageStore;
import chat.engine.spi.Router;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The one door into this package: puts an engine together and starts it. */
public final class EngineStart {
  /** Leases, receipts, the comparison with the store, and the engine's own repairs. */
  private static final int OTHER_STORE_CALLS = 4;

  /** Searches, and the one that keeps the index. */
  private static final int SEARCH_CALLS = Searches.THREADS + 1;

  private EngineStart() {}

  /**
   * Starts an engine; if that fails nothing of it is left behind. See {@link
   * chat.engine.EngineBuilder#build}.
   *
   * @param router null for a node that is alone
   * @param ids null to lease machine ids from the store
   * @param executor runs the application's code; null to run it on the engine's own threads
   */
  public static ChatEngine start(
      MessageStore store,
      @Nullable Router router,
      @Nullable IdGenerator ids,
      Hooks hooks,
      InstantSource clock,
      @Nullable Executor executor,
      EngineOptions options) {
    store.expectConcurrentCalls(
        options.count(Limit.LANES)
            + options.count(Limit.STORE_THREADS)
            + OTHER_STORE_CALLS
            + (options.search() ? SEARCH_CALLS : 0));
    IdGenerator generator = ids != null ? ids : leasedIds(store);
    Parts parts = new Parts(store, router, generator, hooks, clock, executor, options);
    return Engine.start(parts);
  }

  private static IdGenerator leasedIds(MessageStore store) {
    if (store instanceof MachineIdLeaseSource source) {
      return SonyflakeIdGenerator.create(source.machineIdLeases());
    }
    throw new IllegalStateException(
        "this store leases no machine ids, so give the engine an IdGenerator:"
            + " ChatEngine.builder().ids(...)");
  }
}
