/**
 * What the application gives the engine to call: it may refuse or change a send, refuse what users
 * do to conversations, say who is in its own groups, observe what was committed, notify members who
 * are offline, and record timings. Depends on the plain data of {@code chat.engine} only. Hooks run
 * on threads that do nothing else, with a bound and, where somebody waits for the answer, a
 * deadline; one that throws or hangs harms only its own call.
 */
@NullMarked
package chat.engine.hook;

import org.jspecify.annotations.NullMarked;
