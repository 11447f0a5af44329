@NullMarked
package chat.engine.internal.user;

import org.jspecify.annotations.NullMarked;
