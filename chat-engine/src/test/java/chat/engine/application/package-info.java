/** Tests of whole engines: what the application does with its own authority. */
@NullMarked
package chat.engine.application;

import org.jspecify.annotations.NullMarked;
