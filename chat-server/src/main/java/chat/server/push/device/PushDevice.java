package chat.server.push.device;

import chat.engine.UserId;

/**
 * A device that is told of messages. Immutable.
 *
 * @param id of the registration; another one after the user has removed it
 * @param name as the client calls it
 * @param token where to send to, as the sender of its kind took it
 * @param hidesContent whether no text and no name may be sent there
 * @param failures notifications in a row that could not be delivered
 * @param rests whether nothing is to be sent to it at present
 */
public record PushDevice(
    long id,
    UserId user,
    String name,
    String kind,
    String token,
    boolean hidesContent,
    int failures,
    boolean rests) {
  /** Without the token, which is a secret. */
  @Override
  public String toString() {
    return "device " + name + " of " + user + " (" + kind + ")";
  }
}
