@NullMarked
package chat.engine.internal.bot;

import org.jspecify.annotations.NullMarked;
