package chat.engine.contract;

import static org.assertj.core.api.Assertions.assertThat;

import chat.engine.spi.MachineIdLeaseSource;
import chat.engine.spi.MachineIdLeases;
import chat.engine.spi.MachineIdLeases.Lease;
import chat.engine.spi.MessageStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What all {@link MachineIdLeaseSource}s must do; {@link MachineIdLeasesContract} says what their
 * leases must. Extend it and implement {@link #openStore}.
 */
@Timeout(120)
public abstract class MachineIdLeaseSourceContract {
  private static final long NOW = 35_000_000_000L;

  private StoreFixture chat;

  /**
   * Opens the store as a node does; all of them on the same data. Is also a {@link
   * MachineIdLeaseSource}. The test closes it.
   */
  protected abstract MessageStore openStore();

  @BeforeEach
  final void open() {
    chat = new StoreFixture(this::openStore);
  }

  @AfterEach
  final void close() {
    chat.close();
  }

  private static MachineIdLeases leases(MessageStore node) {
    return ((MachineIdLeaseSource) node).machineIdLeases();
  }

  @Test
  final void theNodesOfAStoreLeaseFromTheSameMachineIds() {
    Lease one = leases(chat.store()).acquire("one", NOW);
    Lease other = leases(chat.anotherNode()).acquire("other", NOW);
    assertThat(other.machineId()).isNotEqualTo(one.machineId());

    assertThat(leases(chat.store()).renew(one, NOW + 1)).isPresent();
    leases(chat.store()).release(one, NOW + 1);
    assertThat(leases(chat.store()).renew(one, NOW + 2)).as("released").isEmpty();
    assertThat(leases(chat.anotherNode()).renew(other, NOW + 2)).isPresent();
  }

  @Test
  final void aLeaseOutlivesTheStoreOfItsNode() {
    MessageStore node = openStore();
    Lease lease = leases(node).acquire("one", NOW);
    node.close();
    for (int i = 0; i < 5; i++) {
      assertThat(leases(chat.anotherNode()).acquire("other", NOW).machineId())
          .isNotEqualTo(lease.machineId());
    }
  }
}
