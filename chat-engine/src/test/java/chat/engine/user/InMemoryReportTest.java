package chat.engine.user;

final class InMemoryReportTest extends ReportTests {}
