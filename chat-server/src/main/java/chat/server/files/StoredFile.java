package chat.server.files;

import org.jspecify.annotations.Nullable;

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
    @Nullable String thumbnailType) {}
