/**
 * The checks of what the sessions were told: streams, states of messages, presence, receipts and
 * preferences, and whether all of them agree in the end. Knows {@code evidence} and {@code
 * history}; stateless, runs on the caller's thread.
 */
@NullMarked
package chat.engine.examples.faultcheck.check.view;

import org.jspecify.annotations.NullMarked;
