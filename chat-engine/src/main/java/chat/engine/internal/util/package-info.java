/**
 * Threads, timers, batches and throttled logs: nothing here knows chat. Depends on nothing but the
 * JDK and SLF4J. Each class says which thread runs what it is given.
 */
@NullMarked
package chat.engine.internal.util;

import org.jspecify.annotations.NullMarked;
