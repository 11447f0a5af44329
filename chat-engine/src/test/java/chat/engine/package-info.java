/**
 * Tests of the plain data of the API, and of the shape of the whole module. Each needs nothing but
 * the classes themselves.
 */
@NullMarked
package chat.engine;

import org.jspecify.annotations.NullMarked;
