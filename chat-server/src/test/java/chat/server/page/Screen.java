package chat.server.page;

/** On what somebody has the page before them. */
enum Screen {
  DESKTOP,
  PHONE
}
