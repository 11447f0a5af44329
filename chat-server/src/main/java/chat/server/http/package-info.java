/**
 * The HTTP transport of REST: requests, responses, bodies, cross-origin rules. The table of routes
 * is in {@link chat.server.http.route}, and what ends the calls of slow clients in {@link
 * chat.server.http.timeout}; neither knows this package. Knows no feature; features add their
 * routes. Handlers run on one bounded pool of threads, and may block.
 */
@NullMarked
package chat.server.http;

import org.jspecify.annotations.NullMarked;
