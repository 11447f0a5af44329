package chat.engine.redis;

import chat.engine.contract.MachineIdLeasesContract;
import chat.engine.spi.MachineIdLeases;
import chat.engine.testing.TestRedis;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

final class RedisMachineIdLeasesTest extends MachineIdLeasesContract {
  private final MachineIdLeases leases =
      RedisMachineIdLeases.open(TestRedis.sharedUri().toString(), "test-" + UUID.randomUUID());

  @Override
  protected MachineIdLeases leases() {
    return leases;
  }

  @AfterEach
  void close() {
    leases.close();
  }
}
