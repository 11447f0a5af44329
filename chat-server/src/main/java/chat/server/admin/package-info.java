/**
 * What operators do: one implementation, called by REST under {@code /v1/admin} and by the command
 * line. Every action is written to the audit log, also one that is refused. Blocks on the database.
 */
@NullMarked
package chat.server.admin;

import org.jspecify.annotations.NullMarked;
