/**
 * Real PostgreSQL and Redis servers for tests, and the means to stop, kill and pause them. Any test
 * may depend on this package and it depends on no class of the engine; it ships in the test-jar, so
 * whoever implements an SPI can use it too. Servers listen on 127.0.0.1 only, are started by the
 * thread that first asks, and end with the JVM at the latest.
 */
@NullMarked
package chat.engine.testing;

import org.jspecify.annotations.NullMarked;
