package chat.server.files.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import chat.server.files.PngHeader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class PicturesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private static BufferedImage reduced(byte[] picture, String type) throws IOException {
    return Pictures.reduced(new ByteArrayInputStream(picture), type, LONG);
  }

  private static byte[] jpeg(BufferedImage picture, int mode) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByMIMEType("image/jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setProgressiveMode(mode);
      writer.write(null, new IIOImage(picture, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  @Test
  void aPictureThatIsTooLargeIsNotDecodedAtAll() throws IOException {
    assertThat(reduced(PngHeader.of(50_000, 50_000), "image/png")).isNull();
    assertThat(reduced(PngHeader.of(Integer.MAX_VALUE, 1), "image/png")).isNull();
    assertThat(reduced(HostilePictures.jpeg(60_000, 60_000), "image/jpeg")).isNull();
    assertThat(reduced(HostilePictures.gif(60_000, 60_000, 1), "image/gif")).isNull();
  }

  @Test
  void ofALargePictureOnlySomePixelsAreKept() throws IOException {
    ByteArrayOutputStream large = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(6400, 100, BufferedImage.TYPE_BYTE_GRAY), "png", large);
    BufferedImage kept = Objects.requireNonNull(reduced(large.toByteArray(), "image/png"));
    assertThat(kept.getWidth()).isEqualTo(640);
    assertThat(kept.getHeight()).isEqualTo(10);
  }

  @Test
  void ofAnAnimationOnlyTheFirstFrameIsLookedAt() throws IOException {
    byte[] animation = HostilePictures.gif(1, 1, 100_000);
    assertThat(animation).hasSizeGreaterThan(1_000_000);
    ByteArrayInputStream in = new ByteArrayInputStream(animation);
    assertThat(Pictures.reduced(in, "image/gif", LONG)).isNotNull();
    assertThat(in.available()).isGreaterThan(animation.length - 10_000);
  }

  @Test
  @Timeout(120) // it would take hours
  void aJpegOfManyScansEndsInTime() throws IOException {
    byte[] slow = HostilePictures.progressiveJpeg(4_000, 4_000, 10_000);
    assertThat(slow).hasSizeLessThan(500_000);
    assertThatThrownBy(
            () ->
                Pictures.reduced(
                    new ByteArrayInputStream(slow), "image/jpeg", Duration.ofMillis(200)))
        .hasStackTraceContaining("the picture takes more than 200 ms");
  }

  @Test
  void aJpegThatItsDecoderKeepsWholeMustBeSmaller() throws IOException {
    assertThat(reduced(HostilePictures.progressiveJpeg(4_100, 4_100, 1), "image/jpeg")).isNull();
    assertThat(reduced(HostilePictures.jpegOfScans(4_100, 4_100), "image/jpeg")).isNull();
    assertThat(reduced(HostilePictures.progressiveJpeg(900, 900, 2), "image/jpeg")).isNotNull();
  }

  @Test
  void whatIsSaidOfAJpegIsTrueOfThoseOfTheJdk() throws IOException {
    BufferedImage picture = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    byte[] plain = jpeg(picture, ImageWriteParam.MODE_DISABLED);
    byte[] progressive = jpeg(picture, ImageWriteParam.MODE_DEFAULT);
    assertThat(hasSeveralScans(plain)).isFalse();
    assertThat(hasSeveralScans(progressive)).isTrue();
    assertThat(reduced(plain, "image/jpeg").getWidth()).isEqualTo(40);
    assertThat(reduced(progressive, "image/jpeg").getWidth()).isEqualTo(40);
    for (int length = 0; length < plain.length; length += 7) { // whatever is cut off
      byte[] cut = Arrays.copyOf(plain, length);
      try {
        hasSeveralScans(cut);
      } catch (IOException end) {
        assertThat(length).isLessThan(plain.length);
      }
    }
  }

  private static boolean hasSeveralScans(byte[] jpeg) throws IOException {
    try (MemoryCacheImageInputStream in =
        new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
      boolean several = JpegHead.hasSeveralScans(in);
      assertThat(in.getStreamPosition()).isZero();
      return several;
    }
  }
}
