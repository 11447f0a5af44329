package chat.engine.internal;

final class InMemoryReportTest extends ReportTests {}
