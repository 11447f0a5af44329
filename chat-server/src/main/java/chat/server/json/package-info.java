/** JSON in and out, and the errors that clients get to see. Knows neither HTTP nor sockets. */
@NullMarked
package chat.server.json;

import org.jspecify.annotations.NullMarked;
