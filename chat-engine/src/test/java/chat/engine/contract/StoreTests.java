package chat.engine.contract;

/** A group of tests of a store. */
interface StoreTests {
  /** The store under test, and short ways to use it. */
  StoreFixture chat();
}
