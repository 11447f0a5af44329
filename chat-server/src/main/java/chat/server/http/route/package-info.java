/**
 * Which route a call takes: paths with variables, and the methods of each. Knows no call and no
 * handler. Filled before the endpoint starts and only read afterwards, by any thread; does not
 * block.
 */
@NullMarked
package chat.server.http.route;

import org.jspecify.annotations.NullMarked;
