package chat.engine.user;

final class InMemoryPrivacyTest extends PrivacyTests {}
