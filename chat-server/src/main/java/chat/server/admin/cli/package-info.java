/**
 * The command line of operators: {@code java -jar chat-server.jar admin}. It works on the database,
 * beside the nodes that run, which see what it did within seconds.
 */
@NullMarked
package chat.server.admin.cli;

import org.jspecify.annotations.NullMarked;
