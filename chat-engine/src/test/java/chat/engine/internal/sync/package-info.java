@NullMarked
package chat.engine.internal.sync;

import org.jspecify.annotations.NullMarked;
