package chat.engine;

/**
 * What a member of a group may do apart from reading and sending. The owner may do everything; an
 * admin may rename, add members, remove members who are neither owner nor admin, and delete
 * messages of others. A group has one owner at most; a group that the application made or changed
 * ({@link ChatApplication}) may have none. Both users of a direct conversation are {@link #MEMBER}.
 */
public enum Role {
  OWNER,
  ADMIN,
  MEMBER
}
