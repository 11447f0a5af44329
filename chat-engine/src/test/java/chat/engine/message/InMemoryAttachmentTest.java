package chat.engine.message;

final class InMemoryAttachmentTest extends AttachmentTests {}
