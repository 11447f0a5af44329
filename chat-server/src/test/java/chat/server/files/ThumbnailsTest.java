package chat.server.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

final class ThumbnailsTest {
  private static BufferedImage reduced(byte[] picture, String type) throws IOException {
    return Thumbnails.reduced(new ByteArrayInputStream(picture), type);
  }

  @Test
  void aPictureThatIsTooLargeIsNotDecodedAtAll() throws IOException {
    assertThat(reduced(PngHeader.of(50_000, 50_000), "image/png")).isNull();
    assertThat(reduced(PngHeader.of(Integer.MAX_VALUE, 1), "image/png")).isNull();
  }

  @Test
  void ofALargePictureOnlySomePixelsAreKept() throws IOException {
    ByteArrayOutputStream large = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(6400, 100, BufferedImage.TYPE_BYTE_GRAY), "png", large);
    BufferedImage kept = Objects.requireNonNull(reduced(large.toByteArray(), "image/png"));
    assertThat(kept.getWidth()).isEqualTo(640);
    assertThat(kept.getHeight()).isEqualTo(10);
  }
}
