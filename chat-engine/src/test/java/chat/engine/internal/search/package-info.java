/** Tests of what keeps the index of searches up to date. */
@NullMarked
package chat.engine.internal.search;

import org.jspecify.annotations.NullMarked;
