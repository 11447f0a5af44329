/**
 * The checks of what users may do and see: bans, silences, blocks, invites, slow mode, forwards,
 * former versions of messages, what new members read, and what is left of users who were erased.
 * Knows {@code evidence} and {@code history}; stateless, runs on the caller's thread.
 */
@NullMarked
package chat.engine.examples.faultcheck.check.rule;

import org.jspecify.annotations.NullMarked;
