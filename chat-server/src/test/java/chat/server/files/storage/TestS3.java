package chat.server.files.storage;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.services.s3.model.S3Object;

/** An S3 in this process, which checks signatures, behind a network that a test can break. */
public final class TestS3 implements AutoCloseable {
  public static final String BUCKET = "files";
  public static final String ACCESS_KEY = "AKFORTHETESTS";
  public static final String SECRET = "the-secret-of-the-bucket";

  private final TransientNio2BlobStore objects = new TransientNio2BlobStore();
  private final S3Proxy server;
  private final FaultyNetwork network;

  public TestS3() throws Exception {
    objects.createContainer(BUCKET);
    server =
        S3Proxy.builder()
            .blobStore(objects)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET)
            .build();
    server.start();
    network = new FaultyNetwork(server.getPort());
  }

  public FaultyNetwork network() {
    return network;
  }

  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + network.port());
  }

  public S3Bucket bucket() {
    return bucket(BUCKET, ACCESS_KEY, SECRET);
  }

  S3Bucket bucket(String name, String accessKey, String secret) {
    return new S3Bucket(endpoint(), "eu-central-1", name, true, accessKey, secret);
  }

  /** Looked at directly, whatever the network does. */
  public List<String> keys() {
    return objects.list(BUCKET).contents().stream().map(S3Object::key).toList();
  }

  /** Parts of uploads that nobody finished. */
  List<?> unfinished() {
    return objects.listMultipartUploads(BUCKET);
  }

  @Override
  public void close() throws IOException {
    network.close();
    try {
      server.stop();
    } catch (Exception fault) {
      throw new IOException(fault);
    }
  }
}
