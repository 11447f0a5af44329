package chat.server.files.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * Files in a bucket, each an object under its key. An upload is one {@code PUT}, which S3 stores
 * whole or not at all: there are no parts that could be left over. Nothing is listed, so the key
 * needs no more than the rights to put, get and delete. Thread-safe.
 *
 * <p>A call that fails in passing is repeated; a slow or silent S3 is given up at a deadline, and
 * if too many calls wait for it, the next ones fail at once, so that it does not take all threads.
 */
public final class S3Storage implements FileStorage {
  /** S3 takes no more in one {@code PUT}. */
  public static final long MOST_BYTES = 5L << 30;

  private static final int AT_ONCE = 64;
  private static final int ATTEMPTS = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long SLOWEST_BYTES_PER_SECOND = 1 << 20;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

  private final S3Bucket bucket;
  private final Duration patience;
  private final S3Calls calls;
  private final Semaphore free = new Semaphore(AT_ONCE);

  public S3Storage(S3Bucket bucket) {
    this(bucket, PATIENCE);
  }

  /**
   * @param patience how long S3 may say nothing, beside the time that a body takes
   */
  S3Storage(S3Bucket bucket, Duration patience) {
    this.bucket = bucket;
    this.patience = patience;
    this.calls = new S3Calls(bucket, patience);
  }

  private interface Call<T> {
    T make() throws IOException;
  }

  /** No further attempt begins once the patience is used up twice. */
  private <T> T attempt(Call<T> call) throws IOException {
    if (!free.tryAcquire()) {
      throw new IOException(AT_ONCE + " calls wait for " + bucket + " already");
    }
    try {
      long begun = System.nanoTime();
      for (int attempt = 1; ; attempt++) {
        try {
          return call.make();
        } catch (IOException fault) {
          boolean late = System.nanoTime() - begun > 2 * patience.toNanos();
          if (attempt == ATTEMPTS || late || !isPassing(fault)) {
            throw fault;
          }
        }
        LockSupport.parkNanos(attempt * FIRST_PAUSE.toNanos());
      }
    } finally {
      free.release();
    }
  }

  private static boolean isPassing(IOException fault) {
    return fault instanceof S3Fault answer
        ? answer.isPassing()
        : !(fault instanceof InterruptedIOException || fault instanceof NoSuchFileException);
  }

  @Override
  public void put(String key, Path content) throws IOException {
    long size = Files.size(content);
    Duration deadline = patience.plusSeconds(size / SLOWEST_BYTES_PER_SECOND);
    attempt(
        () -> {
          calls.call("PUT", key, content, Map.of(), deadline).body().close();
          return content;
        });
  }

  @Override
  public InputStream open(String key, long from, long length) throws IOException {
    if (length == 0) {
      return InputStream.nullInputStream();
    }
    boolean whole = from == 0 && length < 0;
    Map<String, String> headers =
        whole
            ? Map.of()
            : Map.of("Range", "bytes=" + from + "-" + (length < 0 ? "" : from + length - 1));
    try {
      HttpResponse<ArrivingBody> answer =
          attempt(() -> calls.call("GET", key, null, headers, patience));
      if (!whole && answer.statusCode() != 206) {
        answer.body().close();
        throw new IOException(bucket + " sends whole files where parts are asked for");
      }
      return length < 0 ? answer.body() : new FilePart(answer.body(), length);
    } catch (S3Fault fault) {
      if (fault.isNoSuchKey()) {
        throw new NoSuchFileException(key);
      }
      throw fault;
    }
  }

  @Override
  public void delete(String key) throws IOException {
    try {
      attempt(() -> calls.call("DELETE", key, null, Map.of(), patience)).body().close();
    } catch (S3Fault fault) {
      if (!fault.isNoSuchKey()) {
        throw fault;
      }
    }
  }

  /** Whether a file is there. */
  public boolean has(String key) throws IOException {
    try {
      attempt(() -> calls.call("HEAD", key, null, Map.of(), patience)).body().close();
      return true;
    } catch (S3Fault fault) {
      if (fault.isNoSuchKey()) {
        return false;
      }
      throw fault;
    }
  }

  /**
   * Stores a small object, reads it and deletes it.
   *
   * @throws IOException if a node could not work with this bucket; the message says why
   */
  public void check() throws IOException {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String key = "chat-server-check-" + HexFormat.of().formatHex(random);
    Path content = Files.createTempFile("chat-server-check", "");
    try {
      Files.write(content, random);
      put(key, content);
      try (InputStream in = open(key, 0, -1)) {
        if (!Arrays.equals(in.readAllBytes(), random)) {
          throw new IOException(bucket + " gave back something else than it was given");
        }
      } finally {
        delete(key);
      }
    } finally {
      Files.deleteIfExists(content);
    }
  }

  @Override
  public void close() {
    calls.close();
  }
}
