/**
 * A test kit for applications that embed the engine: {@link chat.engine.testkit.TestChat} runs
 * engines in the memory of the test, with faults that a test switches on and off, {@link
 * chat.engine.testkit.RecordingListener} records what a session is told, and {@link
 * chat.engine.testkit.TestTransaction} is a transaction that chat takes part in.
 *
 * <pre>{@code
 * try (TestChat chat = TestChat.open()) {
 *   ConversationId talk = chat.engine().asUser(ada).openDirect(bob).join().id();
 *   RecordingListener phone = chat.connect(bob);
 *   chat.inject(Fault.busy().onSends().times(1));
 *   new OrderService(chat.engine()).confirm(order); // has to repeat its send
 *   phone.awaitMessage("Your order is confirmed");
 * }
 * }</pre>
 *
 * <p>Ships in the test-jar, beside the contracts of the SPIs, and needs nothing but the engine: no
 * test framework, no assertion library, no database. It knows the API, the SPIs and the in-memory
 * implementations, and no internals of the engine. It starts no threads; the engines have theirs.
 */
@NullMarked
package chat.engine.testkit;

import org.jspecify.annotations.NullMarked;
