package chat.engine;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import chat.engine.core.EngineBuilder;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "chat.engine", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String[] API = {
    "chat.engine", "chat.engine.event", "chat.engine.hook", "chat.engine.spi"
  };
  private static final String[] PLATFORM = {"java..", "org.jspecify..", "org.slf4j.."};

  @ArchTest
  static final ArchRule theApiAndTheSpisKnowNobodyButTheBuilder =
      classes()
          .that()
          .resideInAnyPackage(API)
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(API)
                  .or(resideInAnyPackage(PLATFORM))
                  .or(type(EngineBuilder.class)));

  @ArchTest
  static final ArchRule noJdbcInTheApiAndTheSpis =
      noClasses()
          .that()
          .resideInAnyPackage(API)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..");

  @ArchTest
  static final ArchRule theCoreKnowsNoImplementation =
      classes()
          .that()
          .resideInAPackage("chat.engine.core")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(API)
                  .or(resideInAnyPackage("chat.engine.core", "chat.engine.sonyflake"))
                  .or(resideInAnyPackage(PLATFORM)));

  @ArchTest
  static final ArchRule implementationsKnowTheApiAndTheSpisOnly =
      noClasses()
          .that()
          .resideInAnyPackage(
              "chat.engine.memory",
              "chat.engine.postgres",
              "chat.engine.redis",
              "chat.engine.sonyflake")
          .should()
          .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("chat.engine.core"));

  @ArchTest
  static final ArchRule implementationsDoNotKnowEachOther =
      com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices()
          .matching("chat.engine.(memory|postgres|redis)")
          .should()
          .notDependOnEachOther();
}
