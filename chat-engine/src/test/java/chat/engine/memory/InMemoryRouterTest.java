package chat.engine.memory;

import chat.engine.contract.RouterContract;
import chat.engine.spi.Router;

final class InMemoryRouterTest extends RouterContract {
  private final InMemoryRouter.Network network = new InMemoryRouter.Network();

  @Override
  protected Router newNode() {
    return network.join();
  }

  @Override
  protected void cut(Router node) {
    ((InMemoryRouter) node).cut();
  }

  @Override
  protected void heal(Router node) {
    ((InMemoryRouter) node).heal();
  }

  @Override
  protected void crash(Router node) {
    ((InMemoryRouter) node).crash();
  }
}
