/** What can be seen only of a server that is a process of its own: its JVM, its log, its end. */
@NullMarked
package chat.server.process;

import org.jspecify.annotations.NullMarked;
