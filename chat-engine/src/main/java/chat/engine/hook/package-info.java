/**
 * Where the application has its say: it may refuse or change a send, watch what was committed, and
 * be told whom nobody reached. Depends on the plain data of {@code chat.engine} only. Hooks run on
 * threads of their own with a bound and a deadline, so one that throws or hangs harms only the call
 * that it was asked about; {@link chat.engine.hook.EngineTimings} alone is called in passing.
 */
@NullMarked
package chat.engine.hook;

import org.jspecify.annotations.NullMarked;
