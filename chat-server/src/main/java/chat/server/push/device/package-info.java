/**
 * The devices that users registered for push, with what each was told, and a notification for one
 * of them. Knows nothing of how it is sent. PushDevices blocks; the rest is data.
 */
@NullMarked
package chat.server.push.device;

import org.jspecify.annotations.NullMarked;
