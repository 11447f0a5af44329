@NullMarked
package chat.engine.examples.console.screen;

import org.jspecify.annotations.NullMarked;
