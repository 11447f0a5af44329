/** Tests of the parts that routers share, without a server. */
@NullMarked
package chat.engine.link;

import org.jspecify.annotations.NullMarked;
