/**
 * Tells users who are away of new messages: a durable feed that finds whom to tell, and a {@link
 * chat.server.push.PushSender} for each kind of device, which are in {@code device}. Works on
 * threads of its own, which may block; what is sent to devices blocks none.
 */
@NullMarked
package chat.server.push;

import org.jspecify.annotations.NullMarked;
