package chat.engine;

/**
 * An invite with its code, which is known at this moment only. Immutable.
 *
 * @param code to be handed to those who are to join
 */
public record CreatedInvite(InviteCode code, Invite invite) {}
