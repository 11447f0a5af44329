/**
 * What an operator can set: as flags, environment variables or lines of a properties file, all by
 * the same names.
 */
@NullMarked
package chat.server.config;

import org.jspecify.annotations.NullMarked;
