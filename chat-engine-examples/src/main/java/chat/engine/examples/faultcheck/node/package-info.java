/**
 * One process of the cluster under test: an engine over PostgreSQL and Redis that clients reach by
 * a line protocol on a loopback socket, and that can be built with a deliberate fault. Uses the
 * engine's public API and nothing else of the examples. A thread reads each connection and another
 * writes it; events come on the engine's threads.
 */
@NullMarked
package chat.engine.examples.faultcheck.node;

import org.jspecify.annotations.NullMarked;
