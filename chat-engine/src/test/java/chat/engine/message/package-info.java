/** Tests of whole engines: what becomes of messages, and how they are found again. */
@NullMarked
package chat.engine.message;

import org.jspecify.annotations.NullMarked;
