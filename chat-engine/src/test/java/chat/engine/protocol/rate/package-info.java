@NullMarked
package chat.engine.protocol.rate;

import org.jspecify.annotations.NullMarked;
