package chat.engine;

/**
 * Names one report: a Sonyflake id, 63 bits. Ids of later reports are higher, but for those that
 * are made within some milliseconds of each other. Immutable. In text it is a decimal number; hand
 * it to JavaScript as a string.
 */
public record ReportId(long value) implements Comparable<ReportId> {
  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the value is not positive
   */
  public ReportId {
    if (value <= 0) {
      throw ChatException.badRequest("report id must be a positive number, not " + value);
    }
  }

  public static ReportId of(long value) {
    return new ReportId(value);
  }

  /**
   * @throws ChatException with {@link ErrorCode#BAD_REQUEST} if the text is not a positive decimal
   *     number
   */
  public static ReportId parse(String text) {
    return new ReportId(TextRules.parseId("report id", text));
  }

  @Override
  public int compareTo(ReportId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
