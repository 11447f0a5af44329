@NullMarked
package chat.engine.internal.send.pending;

import org.jspecify.annotations.NullMarked;
