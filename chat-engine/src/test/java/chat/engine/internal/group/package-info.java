@NullMarked
package chat.engine.internal.group;

import org.jspecify.annotations.NullMarked;
