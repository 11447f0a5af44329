@NullMarked
package chat.engine.examples.console.command;

import org.jspecify.annotations.NullMarked;
