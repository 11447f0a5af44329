/**
 * Ends connections of slow clients: heads that do not arrive, bodies and answers that hardly move,
 * and requests that still arrive long after their answer. Knows no route and no handler. One thread
 * looks at all of them, and must not be blocked.
 */
@NullMarked
package chat.server.http.timeout;

import org.jspecify.annotations.NullMarked;
