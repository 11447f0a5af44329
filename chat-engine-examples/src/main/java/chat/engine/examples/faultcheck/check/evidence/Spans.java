package chat.engine.examples.faultcheck.check.evidence;

import java.util.ArrayList;
import java.util.List;

/** When something that calls begin and end was certainly in force. Stateless. */
public final class Spans {
  /** From an acknowledgement to the beginning of the first call that may have ended it. */
  public record Span(long from, long to) {
    /** Whether the call began and ended within it. */
    public boolean contains(Op op) {
      return from < op.call().at() && op.end() < to;
    }
  }

  private Spans() {}

  /**
   * @param begins an acknowledged one begins a span, unless another call may have undone it
   *     meanwhile
   */
  public static List<Span> of(List<Op> begins, List<Op> ends) {
    List<Span> spans = new ArrayList<>();
    for (Op begin : begins) {
      boolean blurred =
          !begin.ok()
              || ends.stream()
                  .anyMatch(
                      end -> end.call().at() < begin.end() && end.effectEnd() > begin.call().at());
      if (!blurred) {
        long to =
            ends.stream()
                .mapToLong(end -> end.call().at())
                .filter(at -> at > begin.end())
                .min()
                .orElse(Long.MAX_VALUE);
        spans.add(new Span(begin.end(), to));
      }
    }
    return spans;
  }
}
