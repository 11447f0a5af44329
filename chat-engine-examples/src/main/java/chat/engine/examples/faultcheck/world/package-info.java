/**
 * The cluster under test: processes of nodes, a PostgreSQL, two Redis, and TCP proxies between all
 * of them, each of which can be made to fail. Knows nothing of faults in particular, nor of
 * clients; the servers and proxies are those of {@code local}. Calls run on the caller's thread.
 */
@NullMarked
package chat.engine.examples.faultcheck.world;

import org.jspecify.annotations.NullMarked;
