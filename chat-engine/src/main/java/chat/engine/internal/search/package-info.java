/**
 * Search in messages: {@code Searches} answers users, {@code SearchIndexer} keeps the index of the
 * store up to date. Both have threads to themselves, so that neither a slow search nor a long index
 * delays anything else; without search there are none. May depend on {@code sync}, {@code cluster}
 * and below.
 */
@NullMarked
package chat.engine.internal.search;

import org.jspecify.annotations.NullMarked;
