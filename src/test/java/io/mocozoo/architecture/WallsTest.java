package io.mocozoo.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class WallsTest {
    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.mocozoo");

    @Test
    void theZooSeesNothingOfTheOthers() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "io.mocozoo.convert..", "io.mocozoo.train..", "io.mocozoo.evaluate..", "io.mocozoo.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.mocozoo.convert..", "io.mocozoo.train..", "io.mocozoo.evaluate..", "io.mocozoo.cli..")
                .check(PRODUCT);
    }

    @Test
    void theConverterTheTrainerAndTheEvaluationDoNotSeeEachOther() {
        noClasses()
                .that()
                .resideInAPackage("io.mocozoo.convert..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.mocozoo.train..", "io.mocozoo.evaluate..")
                .check(PRODUCT);
        noClasses()
                .that()
                .resideInAPackage("io.mocozoo.train..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.mocozoo.convert..", "io.mocozoo.evaluate..", "io.mocozoo.cli..")
                .check(PRODUCT);
        noClasses()
                .that()
                .resideInAPackage("io.mocozoo.evaluate..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.mocozoo.convert..", "io.mocozoo.train..", "io.mocozoo.cli..")
                .check(PRODUCT);
    }

    @Test
    void djlIsImportedInTheTrainerAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.mocozoo.train..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.djl..")
                .check(PRODUCT);
    }

    @Test
    void theConverterDoesNotSeeTheCommand() {
        noClasses()
                .that()
                .resideInAPackage("io.mocozoo.convert..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.mocozoo.cli..")
                .check(PRODUCT);
    }

    @Test
    void onnxRuntimeIsImportedInTheRuntimeAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.mocozoo.runtime")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("ai.onnxruntime..")
                .check(PRODUCT);
    }

    @Test
    void openCvIsImportedForImagesAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.mocozoo.image", "io.mocozoo.train.augment")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bytedeco..")
                .check(PRODUCT);
    }

    @Test
    void sparkAndHadoopAreImportedInTheirPackageAlone_andNobodySeesIt() {
        assertThat(PRODUCT.containPackage("io.mocozoo.evaluate.spark")).isTrue();
        noClasses()
                .that()
                .resideOutsideOfPackage("io.mocozoo.evaluate.spark")
                .and()
                .haveNameNotMatching(
                        "io\\.mocozoo\\.evaluate\\.file\\.Parquet.*") // its signatures name a class of Hadoop
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "io.mocozoo.evaluate.spark")
                .check(PRODUCT);
    }

    @Test
    void commandLineLibrariesStayInTheCommand() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.mocozoo.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.commons.cli..", "me.tongfei..")
                .check(PRODUCT);
    }

    @Test
    void parquetIsWrittenInOnePlaceAndHadoopOnlyNamedThere() {
        noClasses()
                .that()
                .haveNameNotMatching("io\\.mocozoo\\.evaluate\\.file\\.Parquet.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.parquet..")
                .check(PRODUCT);
        noClasses()
                .that()
                .haveNameMatching("io\\.mocozoo\\.evaluate\\.file\\.Parquet.*")
                .should()
                .dependOnClassesThat(DescribedPredicate.describe(
                        "are of Hadoop or Spark but for its Configuration",
                        one -> (one.getPackageName().startsWith("org.apache.hadoop")
                                        || one.getPackageName().startsWith("org.apache.spark"))
                                && !one.getName().equals("org.apache.hadoop.conf.Configuration")))
                .check(PRODUCT);
    }

    @Test
    void packagesDoNotDependInCircles() {
        slices().matching("io.mocozoo.(**)").should().beFreeOfCycles().check(PRODUCT);
    }

    @Test
    void everyPackageIsNullMarkedAndSaysWhatItIs() {
        classes()
                .should(new ArchCondition<JavaClass>("lie in a null-marked package") {
                    @Override
                    public void check(JavaClass one, ConditionEvents events) {
                        JavaPackage home = one.getPackage();
                        if (!home.isAnnotatedWith(NullMarked.class)) {
                            events.add(SimpleConditionEvent.violated(
                                    one, home.getName() + " has no @NullMarked package-info"));
                        }
                    }
                })
                .check(PRODUCT);
    }

    @Test
    void noPackageIsSplitOverModules() {
        Map<String, String> homes = new HashMap<>();
        for (JavaClass one : PRODUCT) {
            String uri = one.getSource().orElseThrow().getUri().toString();
            String module = module(uri);
            String other = homes.putIfAbsent(one.getPackageName(), module);
            assertThat(other == null || other.equals(module))
                    .as("%s lies in %s and %s", one.getPackageName(), other, module)
                    .isTrue();
        }
        assertThat(homes.values()).contains("zoo", "convert", "train", "evaluate", "cli", "spark");
    }

    private static String module(String uri) {
        for (String module : new String[] {"zoo", "convert", "train", "evaluate", "cli", "spark"}) {
            if (uri.contains("/" + module + "/target") || uri.contains("mocozoo-" + module)) {
                return module;
            }
        }
        throw new IllegalStateException("a class of no module: " + uri);
    }
}
