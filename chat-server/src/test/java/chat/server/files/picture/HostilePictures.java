package chat.server.files.picture;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Pictures that are small as files, and a lot of work. */
public final class HostilePictures {
  private static final int BLOCK = 8;

  /** The longest run of blocks without anything that one code can stand for. */
  private static final int RUN = 32_767;

  private HostilePictures() {}

  /** A JPEG without pixels, which says how large it is. */
  public static byte[] jpeg(int width, int height) throws IOException {
    return jpeg(width, height, 0xc0, 3, 1, 3);
  }

  /** One whose decoder has to go over all of it with each scan, of which each has some 80 bytes. */
  public static byte[] progressiveJpeg(int width, int height, int scans) throws IOException {
    return jpeg(width, height, 0xc2, 1, scans, 1);
  }

  /** One that is not progressive, and has a scan for each of its colours. */
  static byte[] jpegOfScans(int width, int height) throws IOException {
    return jpeg(width, height, 0xc0, 3, 3, 1);
  }

  private static byte[] jpeg(
      int width, int height, int frame, int components, int scans, int componentsInScan)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeShort(0xffd8);
    out.writeShort(0xffdb); // quantization: all 1
    out.writeShort(67);
    out.write(0);
    byte[] ones = new byte[BLOCK * BLOCK];
    Arrays.fill(ones, (byte) 1);
    out.write(ones);
    out.writeShort(0xff00 | frame);
    out.writeShort(8 + 3 * components);
    out.write(8);
    out.writeShort(height);
    out.writeShort(width);
    out.write(components);
    for (int i = 1; i <= components; i++) {
      out.write(new byte[] {(byte) i, 0x11, 0});
    }
    huffmanTable(out, 0x00, 0x00);
    huffmanTable(out, 0x10, 0xe0); // one bit, and 14 that say how many blocks have nothing
    boolean progressive = frame == 0xc2;
    for (int scan = 0; scan < scans; scan++) {
      out.writeShort(0xffda);
      out.writeShort(6 + 2 * componentsInScan);
      out.write(componentsInScan);
      for (int i = 1; i <= componentsInScan; i++) {
        out.write(1 + (scan + i - 1) % components);
        out.write(0);
      }
      out.write(progressive ? new byte[] {1, 63, 0} : new byte[] {0, 63, 0});
      if (progressive) {
        emptyBlocks(out, (long) blocks(width) * blocks(height));
      }
    }
    out.writeShort(0xffd9);
    return bytes.toByteArray();
  }

  private static int blocks(int pixels) {
    return (pixels + BLOCK - 1) / BLOCK;
  }

  private static void huffmanTable(DataOutputStream out, int id, int symbol) throws IOException {
    out.writeShort(0xffc4);
    out.writeShort(2 + 17 + 1);
    out.write(id);
    byte[] lengths = new byte[16];
    lengths[0] = 1;
    out.write(lengths);
    out.write(symbol);
  }

  private static void emptyBlocks(DataOutputStream out, long blocks) throws IOException {
    long bits = 0;
    int count = 0;
    for (long left = blocks; left > 0; left -= RUN) {
      bits = bits << 15 | 0x3fff;
      count += 15;
      for (; count >= 8; count -= 8) {
        entropyCoded(out, (int) (bits >> (count - 8)) & 0xff);
      }
    }
    entropyCoded(out, (int) (bits << (8 - count) | 0xff >> count) & 0xff);
  }

  private static void entropyCoded(DataOutputStream out, int octet) throws IOException {
    out.write(octet);
    if (octet == 0xff) {
      out.write(0);
    }
  }

  /** An animation of frames of one pixel each, the first of which says how large it is. */
  public static byte[] gif(int width, int height, int frames) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write("GIF89a".getBytes(StandardCharsets.US_ASCII));
    little(out, width, height);
    out.write(new byte[] {(byte) 0x80, 0, 0, 0, 0, 0, -1, -1, -1}); // two colours
    for (int i = 0; i < frames; i++) {
      out.write(0x2c);
      little(out, 0, 0, i == 0 ? width : 1, i == 0 ? height : 1);
      // LZW: clear, one pixel, end
      out.write(new byte[] {0, 2, 2, 0x4c, 0x01, 0});
    }
    out.write(0x3b);
    return out.toByteArray();
  }

  private static void little(ByteArrayOutputStream out, int... numbers) {
    for (int number : numbers) {
      out.write(number);
      out.write(number >> 8);
    }
  }
}
