/**
 * The users of the cluster under test: they connect to any node, act at random, come back after
 * what breaks, and record all that they do and see. Uses {@code device}, {@code history} and {@code
 * world}. Each user has a thread that acts.
 */
@NullMarked
package chat.engine.examples.faultcheck.client;

import org.jspecify.annotations.NullMarked;
