/**
 * One device of a user of the cluster under test: its connection, its calls, what it is told, and
 * what it keeps from one connection to the next. All of it goes into the {@code history}. Knows
 * nothing of what users do. A thread for each connection reads it.
 */
@NullMarked
package chat.engine.examples.faultcheck.client.device;

import org.jspecify.annotations.NullMarked;
