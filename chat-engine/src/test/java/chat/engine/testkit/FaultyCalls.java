package chat.engine.testkit;

import chat.engine.spi.StoreBusyException;
import java.util.List;

/** The calls of one part of a {@link FaultyStore}, each of which meets the faults of its kind. */
interface FaultyCalls {
  /** Of all nodes, and of this one. */
  List<ActiveFaults> faults();

  default <T> T read(ActiveFaults.Call<T, RuntimeException> call) {
    return ActiveFaults.call(faults(), StoreCall.READ, call);
  }

  default <T> T write(ActiveFaults.Call<T, RuntimeException> call) {
    return ActiveFaults.call(faults(), StoreCall.WRITE, call);
  }

  default <T> T upkeep(ActiveFaults.Call<T, RuntimeException> call) {
    return ActiveFaults.call(faults(), StoreCall.UPKEEP, call);
  }

  /** Calls some of which wait for the locks of transactions. */
  interface UnderLocks extends FaultyCalls {
    Locks locks();

    /** Writes when no transaction holds what the key stands for. */
    default <T> T write(Object key, ActiveFaults.Call<T, RuntimeException> call) {
      return write(
          () -> {
            Object transaction = new Object();
            try {
              if (!locks().acquire(transaction, key, Locks.PATIENCE)) {
                throw new StoreBusyException("a transaction holds " + key, null);
              }
              return call.run();
            } finally {
              locks().releaseAll(transaction);
            }
          });
    }
  }
}
