/** What a role in a group allows, see roles.md of chat-engine. A role that is not known here allows nothing. */

export const moderates = (role) => role === "owner" || role === "admin";

/** Whether somebody may remove, ban and silence somebody else. */
export const rules = (role, over) => (role === "owner" && over !== "owner") || (role === "admin" && over === "member");

/** Whether somebody may give roles to others, and hand the group over. */
export const givesRoles = (role) => role === "owner";

/** An owner stays while there are others. */
export const mayLeave = (role, memberCount) => role !== "owner" || memberCount === 1;
