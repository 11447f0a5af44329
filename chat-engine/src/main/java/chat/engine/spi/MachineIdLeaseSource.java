package chat.engine.spi;

/**
 * Optional part of a {@link MessageStore} that can also lease machine ids: an engine that is given
 * no {@link IdGenerator} takes its ids from there.
 */
public interface MachineIdLeaseSource {
  /** Leases on the same cluster as the store; they live and close with the store. */
  MachineIdLeases machineIdLeases();
}
