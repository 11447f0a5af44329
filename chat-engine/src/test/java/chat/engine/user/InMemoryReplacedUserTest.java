package chat.engine.user;

final class InMemoryReplacedUserTest extends ReplacedUserTests {
  @Override
  int rounds() {
    return 300;
  }
}
