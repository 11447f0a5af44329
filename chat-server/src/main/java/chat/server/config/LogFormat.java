package chat.server.config;

/** How the log is written. */
public enum LogFormat {
  /** A line for each message, for people. */
  TEXT,
  /** An object of JSON on each line, for programs. */
  JSON
}
