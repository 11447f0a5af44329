@NullMarked
package chat.engine.internal.conversation;

import org.jspecify.annotations.NullMarked;
