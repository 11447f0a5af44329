package chat.engine.examples.faultcheck.check.evidence;

import java.util.Set;

/**
 * A promise that was broken.
 *
 * @param promise its number; 0 for "the cluster works again when the faults are over"
 * @param what happened, for people
 * @param scope what of the history shows it
 */
public record Violation(int promise, String what, Scope scope) {

  /**
   * The part of a history that shows a violation.
   *
   * @param conversation 0 if it is about none
   * @param users empty if it is not about certain users
   * @param sessions empty if it is not about certain sessions
   * @param firstSeq of the messages concerned; with lastSeq 0 if about none
   */
  public record Scope(
      long conversation, Set<String> users, Set<String> sessions, long firstSeq, long lastSeq) {
    public static final Scope EVERYTHING = new Scope(0, Set.of(), Set.of(), 0, 0);

    public static Scope of(long conversation) {
      return new Scope(conversation, Set.of(), Set.of(), 0, 0);
    }

    public Scope seq(long seq) {
      return new Scope(conversation, users, sessions, seq, seq);
    }

    public Scope user(String user) {
      return new Scope(conversation, Set.of(user), sessions, firstSeq, lastSeq);
    }

    public Scope session(String session) {
      return new Scope(conversation, users, Set.of(session), firstSeq, lastSeq);
    }
  }
}
