@NullMarked
package chat.engine.internal.cluster;

import org.jspecify.annotations.NullMarked;
