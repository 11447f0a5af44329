/**
 * REST on the JDK's HTTP server: paths and fields of chat-be, health and metrics. One bounded pool
 * of threads, which may block.
 */
@NullMarked
package chat.server.http;

import org.jspecify.annotations.NullMarked;
