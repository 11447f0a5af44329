/** Tests of how the index of the search is kept up to date, without a store. */
@NullMarked
package chat.engine.internal.search;

import org.jspecify.annotations.NullMarked;
