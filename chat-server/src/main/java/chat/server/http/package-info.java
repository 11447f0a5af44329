/**
 * The HTTP transport of REST: routes, requests, responses, cross-origin rules. Knows no feature;
 * features add their routes. Handlers run on one bounded pool of threads, and may block.
 */
@NullMarked
package chat.server.http;

import org.jspecify.annotations.NullMarked;
