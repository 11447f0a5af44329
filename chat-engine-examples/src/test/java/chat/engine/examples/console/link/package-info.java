@NullMarked
package chat.engine.examples.console.link;

import org.jspecify.annotations.NullMarked;
