@NullMarked
package chat.engine.examples.server;

import org.jspecify.annotations.NullMarked;
