/** The REST calls, each class with those of one thing. Handlers block. */
@NullMarked
package chat.server.rest;

import org.jspecify.annotations.NullMarked;
