/** Tests of whole engines: what users say about themselves, and whom they keep away. */
@NullMarked
package chat.engine.user;

import org.jspecify.annotations.NullMarked;
