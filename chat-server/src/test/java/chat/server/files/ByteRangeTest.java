package chat.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ByteRangeTest {
  @ParameterizedTest
  @CsvSource({
    "bytes=0-0, 0, 1",
    "bytes=0-99, 0, 100",
    "bytes=0-, 0, 100",
    "bytes=99-, 99, 1",
    "bytes=10-1000000, 10, 90",
    "bytes=-1, 99, 1",
    "bytes=-100, 0, 100",
    "bytes=-1000, 0, 100",
    "bytes=100-, 100, 0",
    "bytes=100-200, 100, 0",
    "bytes=-0, 100, 0",
    "Bytes = 5 - 6, 5, 2",
    "bytes=999999999999999999-, 999999999999999999, 0"
  })
  void aPartOfAHundredBytes(String header, long from, long length) {
    assertThat(ByteRange.of(header, 100)).contains(new ByteRange(from, length));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=-",
        "bytes=5-4",
        "bytes=a-b",
        "bytes=0-1,3-4",
        "lines=0-1",
        "bytes",
        "",
        "bytes=99999999999999999999-",
        "bytes=--1",
        "bytes=1-2-3"
      })
  void whatIsNoSinglePartIsTheWhole(String header) {
    assertThat(ByteRange.of(header, 100)).isEmpty();
  }

  @Test
  void theAnswerSaysWhichPartItIs() {
    assertThat(new ByteRange(10, 5).contentRange(100)).isEqualTo("bytes 10-14/100");
  }
}
