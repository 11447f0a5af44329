package chat.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import chat.server.push.ServerPush;
import chat.server.push.browser.WebPushSender;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "chat.server", importOptions = ImportOption.DoNotIncludeTests.class)
final class ServerArchitectureTest {
  @ArchTest
  static final ArchRule socketsKnowNothingOfChat =
      noClasses()
          .that()
          .resideInAPackage("chat.server.ws")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "chat.engine..",
              "chat.server.accounts..",
              "chat.server.contacts",
              "chat.server.conversations",
              "chat.server.http..",
              "chat.server.json",
              "chat.server.rest",
              "chat.server.browser",
              "chat.server.wire",
              "tools.jackson..");

  @ArchTest
  static final ArchRule onlyTheEndpointKnowsJavaWebSocket =
      noClasses()
          .that()
          .resideOutsideOfPackage("chat.server.ws")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.java_websocket..");

  @ArchTest
  static final ArchRule onlyTransportKnowsTheHttpServerAndItsClient =
      noClasses()
          .that()
          .resideOutsideOfPackages("chat.server.http..", "chat.server.outgoing")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.jetty..");

  @ArchTest
  static final ArchRule httpIsTransport =
      noClasses()
          .that()
          .resideInAPackage("chat.server.http..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "chat.server",
              "chat.server.contacts",
              "chat.server.conversations",
              "chat.server.database",
              "chat.server.rest",
              "chat.server.browser",
              "chat.server.wire");

  @ArchTest
  static final ArchRule whatIsShownToClientsHasNoPostgresInIt =
      classes()
          .that()
          .resideInAnyPackage("chat.server.wire", "chat.server.http..", "chat.server.rest")
          .should()
          .onlyDependOnClassesThat()
          .resideOutsideOfPackages("org.jdbi..", "java.sql..", "chat.engine.postgres..");

  @ArchTest
  static final ArchRule whatBrowsersLoadKnowsNoFeature =
      classes()
          .that()
          .resideInAPackage("chat.server.browser")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "chat.server.browser",
              "chat.server.http",
              "chat.server.json",
              "chat.engine.protocol",
              "java..",
              "org.jspecify..",
              "tools.jackson..");

  @ArchTest
  static final ArchRule noCircles =
      slices()
          .matching("chat.server.(**)")
          .should()
          .beFreeOfCycles()
          // push is put together in one place, with all kinds of devices
          .ignoreDependency(ServerPush.class, WebPushSender.class);

  @ArchTest
  static final ArchRule nobodySleeps =
      noClasses().should().callMethod(Thread.class, "sleep", long.class);
}
