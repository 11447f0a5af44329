@NullMarked
package chat.engine.examples.console;

import org.jspecify.annotations.NullMarked;
