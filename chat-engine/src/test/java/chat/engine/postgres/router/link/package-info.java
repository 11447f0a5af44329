/** Tests of the small parts of a link to PostgreSQL, which need no server. */
@NullMarked
package chat.engine.postgres.router.link;

import org.jspecify.annotations.NullMarked;
