@NullMarked
package chat.engine.internal.hook;

import org.jspecify.annotations.NullMarked;
