@NullMarked
package chat.engine.internal.session;

import org.jspecify.annotations.NullMarked;
