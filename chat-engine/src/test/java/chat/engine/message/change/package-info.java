/** Tests of whole engines: what changes messages that were sent, and what takes them away. */
@NullMarked
package chat.engine.message.change;

import org.jspecify.annotations.NullMarked;
