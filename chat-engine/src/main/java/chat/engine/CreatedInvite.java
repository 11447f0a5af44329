package chat.engine;

/**
 * An invite with its code, which is known only now. Immutable.
 *
 * @param code for those who are to join
 */
public record CreatedInvite(InviteCode code, Invite invite) {}
