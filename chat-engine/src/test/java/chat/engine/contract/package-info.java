/**
 * The contracts of the SPIs as tests, for those who implement one. They ship in the test-jar of
 * this module; they need JUnit 5 and AssertJ beside it. To certify a {@link
 * chat.engine.spi.MessageStore}, extend {@link chat.engine.contract.MessageStoreContract} and say
 * how a node opens the store:
 *
 * <pre>{@code
 * class MyMessageStoreTest extends MessageStoreContract {
 *   @Override
 *   protected MessageStore openStore() {
 *     return MyMessageStore.open(testDatabase);
 *   }
 * }
 * }</pre>
 *
 * <p>A store with optional parts extends the contract of each of these as well, such as {@link
 * chat.engine.contract.TransactionalStoreContract}.
 *
 * <p>Each test is one sentence of the SPI's documentation. Tests use ids and users of their own, so
 * the data of earlier tests need not be wiped. Randomized tests print their seed and take it back
 * as a system property. Knows the API and the SPIs only; the tests run on JUnit's thread and on
 * threads of their own, which end with the test.
 */
@NullMarked
package chat.engine.contract;

import org.jspecify.annotations.NullMarked;
