package chat.server.files;

import chat.engine.protocol.JsonObjects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is known of an uploaded file.
 *
 * @param accountId of the uploader
 * @param type as its content says
 * @param sha256 in hexadecimal digits
 * @param thumbnailType null if there is no thumbnail
 */
record StoredFile(
    String fileId,
    long accountId,
    String name,
    String type,
    long size,
    String sha256,
    @Nullable String thumbnailType) {
  /** What users see of it. */
  ObjectNode json() {
    return JsonObjects.object()
        .put("file_id", fileId)
        .put("name", name)
        .put("type", type)
        .put("size", size)
        .put("sha256", sha256);
  }
}
