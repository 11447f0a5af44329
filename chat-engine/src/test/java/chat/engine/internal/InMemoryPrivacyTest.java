package chat.engine.internal;

final class InMemoryPrivacyTest extends PrivacyTests {}
