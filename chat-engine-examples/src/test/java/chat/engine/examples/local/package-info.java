@NullMarked
package chat.engine.examples.local;

import org.jspecify.annotations.NullMarked;
