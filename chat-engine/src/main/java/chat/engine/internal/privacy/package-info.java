/**
 * What users let others see: {@code Visibility} says whose presence is hidden from whom, {@code
 * HiddenReads} whose read positions, {@code OwnPrivacy} keeps the settings of the users who are
 * connected here. Depends on the sessions and what lies below; presence, conversations and feeds
 * ask it. Has no thread; reads the store on the store threads.
 */
@NullMarked
package chat.engine.internal.privacy;

import org.jspecify.annotations.NullMarked;
