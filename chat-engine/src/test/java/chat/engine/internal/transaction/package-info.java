@NullMarked
package chat.engine.internal.transaction;

import org.jspecify.annotations.NullMarked;
