/** What an operator must be able to see of attacks: counted, and logged at a bounded rate. */
@NullMarked
package chat.server.security;

import org.jspecify.annotations.NullMarked;
