@NullMarked
package chat.engine.examples.console.model;

import org.jspecify.annotations.NullMarked;
