package chat.engine.internal;

final class InMemoryReplacedUserTest extends ReplacedUserTests {
  @Override
  int rounds() {
    return 300;
  }
}
