/** Tests of the router on PostgreSQL, on a real server. */
@NullMarked
package chat.engine.postgres.router;

import org.jspecify.annotations.NullMarked;
