package chat.server.wire;

import chat.server.json.ApiError;
import chat.server.json.ApiException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The requests that there are. On the wire: lower case, as {@code create_group}. */
enum RequestType {
  SEND,
  HISTORY,
  SYNC,
  READ,
  RECEIVED,
  TYPING,
  MEMBERS,
  LEAVE,
  SET_ROLE,
  CREATE_GROUP,
  RENAME_GROUP,
  ADD_MEMBERS,
  REMOVE_MEMBERS,
  ADD_CONTACT,
  CONTACTS,
  PRESENCE,
  PING;

  private static final Map<String, RequestType> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(RequestType::wireName, type -> type));

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws ApiException {@code unknown_type}
   */
  static RequestType named(String wireName) {
    RequestType type = BY_NAME.get(wireName);
    if (type == null) {
      throw ApiException.of(ApiError.UNKNOWN_TYPE, "there is no request of this type");
    }
    return type;
  }
}
