package chat.engine;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaModifier.FINAL;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.net.URI;
import java.net.URISyntaxException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Who may know whom: the directions of dependency on which everything else rests. */
@AnalyzeClasses(packages = "chat.engine", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String[] API_AND_SPI = {
    "chat.engine",
    "chat.engine.bot",
    "chat.engine.event",
    "chat.engine.feed",
    "chat.engine.hook",
    "chat.engine.spi",
    "chat.engine.spi.feed",
    "chat.engine.spi.search"
  };
  private static final String[] IMPLEMENTATIONS = {
    "chat.engine.memory..", "chat.engine.postgres..", "chat.engine.redis.."
  };

  /** Of the JDK, what belongs in an API that knows no wire and no database. */
  private static final DescribedPredicate<JavaClass> PLAIN_JAVA =
      resideInAnyPackage(
              "java.lang..",
              "java.math..",
              "java.util..",
              "java.time..",
              "java.nio..",
              "java.text..",
              "java.security..")
          .or(
              DescribedPredicate.<JavaClass>describe(
                  "primitives and arrays", JavaClass::isPrimitive))
          .or(resideInAPackage("java.io"))
          // what says whether a text is a URL
          .or(belongToAnyOf(URI.class, URISyntaxException.class))
          // a transaction of the application, and what it throws
          .or(belongToAnyOf(Connection.class, SQLException.class))
          .or(resideInAPackage("org.jspecify.annotations"));

  private static final DescribedPredicate<JavaClass> LOGGING = resideInAPackage("org.slf4j..");

  // ---- who knows whom

  @ArchTest
  static final ArchRule apiAndSpiKnowNobodyButThemselves =
      classes()
          .that(resideInAnyPackage(API_AND_SPI))
          .and()
          .doNotBelongToAnyOf(ChatEngine.class, EngineBuilder.class)
          .should(onlyKnow(resideInAnyPackage(API_AND_SPI)));

  @ArchTest
  static final ArchRule theChatEngineKnowsBesidesThemOnlyItsBuilder =
      classes()
          .that(belongToAnyOf(ChatEngine.class))
          .should(onlyKnow(resideInAnyPackage(API_AND_SPI).or(belongToAnyOf(EngineBuilder.class))));

  @ArchTest
  static final ArchRule thePlainDataKnowsNoSpi =
      noClasses()
          .that()
          .resideInAnyPackage(
              "chat.engine",
              "chat.engine.bot",
              "chat.engine.event",
              "chat.engine.feed",
              "chat.engine.hook")
          .and()
          .doNotBelongToAnyOf(EngineBuilder.class)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("chat.engine.spi");

  @ArchTest
  static final ArchRule theCoreKnowsTheApiTheSpiAndTheLayoutOfIds =
      classes()
          .that()
          .resideInAPackage("chat.engine.internal..")
          .should(
              onlyKnow(
                  resideInAnyPackage(API_AND_SPI)
                      .or(resideInAnyPackage("chat.engine.internal..", "chat.engine.sonyflake.."))
                      .or(LOGGING)));

  @ArchTest
  static final ArchRule idsKnowTheSpiOnly =
      classes()
          .that()
          .resideInAPackage("chat.engine.sonyflake..")
          .should(
              onlyKnow(
                  resideInAnyPackage("chat.engine.spi", "chat.engine.sonyflake..").or(LOGGING)));

  @ArchTest
  static final ArchRule theLinksOfRoutersKnowPlainJavaOnly =
      classes()
          .that()
          .resideInAPackage("chat.engine.link")
          .should(onlyKnow(resideInAPackage("chat.engine.link").or(LOGGING)));

  @ArchTest
  static final ArchRule theInMemoryImplementationsKnowApiAndSpiOnly =
      classes()
          .that()
          .resideInAPackage("chat.engine.memory..")
          .should(
              onlyKnow(
                  resideInAnyPackage(API_AND_SPI)
                      .or(resideInAnyPackage("chat.engine.memory..", "chat.engine.sonyflake.."))
                      .or(LOGGING)));

  @ArchTest
  static final ArchRule thePostgresStoreKnowsApiSpiAndItsDatabaseLibraries =
      classes()
          .that()
          .resideInAPackage("chat.engine.postgres..")
          .should(
              onlyKnow(
                  resideInAnyPackage(API_AND_SPI)
                      .or(
                          resideInAnyPackage(
                              "chat.engine.postgres..",
                              "chat.engine.link",
                              "chat.engine.sonyflake.."))
                      .or(LOGGING)
                      .or(
                          resideInAnyPackage(
                              "java.sql..",
                              "javax.sql..",
                              "org.jdbi..",
                              "com.zaxxer.hikari..",
                              "org.flywaydb..",
                              "org.postgresql.."))));

  @ArchTest
  static final ArchRule theRedisRouterKnowsApiSpiAndJedis =
      classes()
          .that()
          .resideInAPackage("chat.engine.redis..")
          .should(
              onlyKnow(
                  resideInAnyPackage(API_AND_SPI)
                      .or(
                          resideInAnyPackage(
                              "chat.engine.redis..", "chat.engine.link", "chat.engine.sonyflake.."))
                      .or(LOGGING)
                      .or(
                          resideInAnyPackage(
                              "java.net", "redis.clients.jedis..", "org.apache.commons.pool2.."))));

  @ArchTest
  static final ArchRule noImplementationRunsAnEngine =
      noClasses()
          .that()
          .resideInAnyPackage(IMPLEMENTATIONS)
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(ChatEngine.class, ChatSession.class, ChatUser.class);

  @ArchTest
  static final ArchRule noPackagesDependOnEachOtherInCircles =
      slices()
          .assignedFrom(new Concepts())
          .should()
          .beFreeOfCycles()
          // the one door from the API into the engine
          .ignoreDependency(belongToAnyOf(EngineBuilder.class), alwaysTrue());

  /** One concept a package; the API is one with its events, feeds and bots. */
  private static final class Concepts implements SliceAssignment {
    private static final Set<String> API =
        Set.of("chat.engine.bot", "chat.engine.event", "chat.engine.feed");

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      String name = type.getPackageName();
      return SliceIdentifier.of(API.contains(name) ? "chat.engine" : name);
    }

    @Override
    public String getDescription() {
      return "one concept a package";
    }
  }

  private static com.tngtech.archunit.lang.ArchCondition<JavaClass> onlyKnow(
      DescribedPredicate<? super JavaClass> friends) {
    DescribedPredicate<JavaClass> allowed =
        describe(
            friends.getDescription() + " or plain Java",
            type -> {
              JavaClass base = type.getBaseComponentType();
              return friends.test(base) || PLAIN_JAVA.test(base);
            });
    return onlyDependOnClassesThat(allowed);
  }

  // ---- how classes are made

  @ArchTest
  static final ArchRule nothingCanBeExtendedUnlessItIsMeantTo =
      classes()
          .that()
          .areNotInterfaces()
          .and()
          .areNotEnums()
          .and()
          .areNotAnonymousClasses()
          .should()
          .haveModifier(FINAL)
          .orShould()
          .haveModifier(JavaModifier.ABSTRACT);

  @ArchTest
  static final ArchRule nothingStaticCanChange =
      fields()
          .that()
          .areStatic()
          .and()
          .doNotHaveModifier(JavaModifier.SYNTHETIC)
          .should()
          .beFinal();

  @ArchTest
  static final ArchRule nobodySleeps =
      noClasses().should().callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule nobodyPrintsToTheConsole =
      noClasses()
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .callMethod(Throwable.class, "printStackTrace");

  @ArchTest
  static final ArchRule dataHasNoGetters =
      methods()
          .that()
          .areDeclaredInClassesThat()
          .areRecords()
          .should()
          .haveNameNotMatching("get[A-Z].*");

  @ArchTest
  static final ArchRule namesSayWhatSomethingIs =
      noClasses().should().haveNameMatching(".*(Utils?|Helpers?|Manager|Impl)(\\$.*)?");

  @Test
  void everyPackageSaysThatNothingInItIsNullUnlessMarked() {
    Set<String> unmarked =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("chat.engine")
                .getPackage("chat.engine")
                .getSubpackagesInTree()
                .stream()
                .filter(inTree -> !inTree.getClasses().isEmpty())
                .filter(inTree -> !isNullMarked(inTree))
                .map(JavaPackage::getName)
                .collect(Collectors.toSet());

    assertThat(unmarked).isEmpty();
    assertThat(ChatEngine.class.getPackage().isAnnotationPresent(NullMarked.class)).isTrue();
  }

  private static boolean isNullMarked(JavaPackage inTree) {
    return inTree
        .tryGetPackageInfo()
        .map(info -> info.isAnnotatedWith(NullMarked.class))
        .orElse(false);
  }
}
