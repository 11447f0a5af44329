/** Tests of whole engines: groups, their members and their settings. */
@NullMarked
package chat.engine.group;

import org.jspecify.annotations.NullMarked;
