/** Tests of whole engines: bots. */
@NullMarked
package chat.engine.bot;

import org.jspecify.annotations.NullMarked;
