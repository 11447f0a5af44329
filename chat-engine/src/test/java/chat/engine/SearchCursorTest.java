package chat.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SearchCursorTest {
  @Test
  void aPlaceIsReadAsItIsWrittenAndInNoOtherWay() {
    assertThat(SearchCursor.parse("1700000000000-12")).hasToString("1700000000000-12");
    assertThat(SearchCursor.parse(SearchCursor.START.toString())).isEqualTo(SearchCursor.START);
    for (String other :
        List.of(
            "",
            "-",
            "1",
            "01700000000000-12",
            "1700000000000-012",
            "+1700000000000-12",
            "1700000000000-+12",
            "1-2-3",
            "a-1")) {
      assertThatThrownBy(() -> SearchCursor.parse(other))
          .as(other)
          .isInstanceOfSatisfying(
              ChatException.class,
              refusal -> assertThat(refusal.code()).isEqualTo(ErrorCode.BAD_REQUEST));
    }
  }
}
