package chat.engine.examples.faultcheck.check.outside;

import java.util.List;

/** Who there is outside, and what the bots say. */
public final class OutsideNames {
  /** A webhook that is told everything. */
  public static final String AUDIT = "audit";

  /** A webhook that is told messages only. */
  public static final String MESSAGES = "messages";

  /** A bot that a webhook answers for. */
  public static final String DESK = "desk";

  /** A bot that a language model answers for, piece by piece. */
  public static final String HELPER = "helper";

  public static final List<String> HOOKS = List.of(AUDIT, MESSAGES);
  public static final List<String> BOTS = List.of(DESK, HELPER);

  /** What users read when there is no answer. */
  public static final String SENTENCE = "There is no answer at present.";

  private OutsideNames() {}

  /** What a bot answers to the question with that client message id, in its pieces. */
  public static List<String> pieces(String bot, String question) {
    return List.of(bot, " on ", question, ": one", ", two", ", three", ", four", " and five");
  }

  /** What a bot answers to the question with that client message id. */
  public static String answer(String bot, String question) {
    return String.join("", pieces(bot, question));
  }
}
