@NullMarked
package chat.engine.examples.console.command.syntax;

import org.jspecify.annotations.NullMarked;
