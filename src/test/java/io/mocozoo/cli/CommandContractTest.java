package io.mocozoo.cli;

import static io.mocozoo.cli.Shell.mocozoo;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.cli.Shell.Result;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CommandContractTest {
    private static final String MODEL = "vit-tiny-p8_shapes";

    @TempDir
    Path folder;

    static Stream<String> commands() {
        return Main.COMMANDS.stream().map(Command::name);
    }

    private Path picture(String name, Color colour) throws IOException {
        BufferedImage image = new BufferedImage(70, 60, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillOval(10, 5, 40, 45);
        graphics.dispose();
        Path file = folder.resolve(name);
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private Path cache() {
        return folder.resolve("cache");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandShowsItsHelpWithAnExample(String command) {
        Result help = mocozoo(command, "--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("usage: mocozoo " + command, "Options:", "--json", "Example:", "mocozoo");
        assertThat(help.err()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void unknownOptionsAreUsageErrorsWithoutAStackTrace(String command) {
        Result result = mocozoo(command, "--no-such-option");
        assertThat(result.code()).isEqualTo(Main.USAGE);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .contains("--no-such-option", "usage: mocozoo " + command)
                .doesNotContain("\tat ");
    }

    @Test
    void wrongWordsAreAnsweredWithWhatThereIs() {
        assertThat(mocozoo("predikt").code()).isEqualTo(Main.USAGE);
        assertThat(mocozoo("predikt").err()).contains("no command 'predikt'", "predict");
        assertThat(mocozoo().code()).isEqualTo(Main.USAGE);
        assertThat(mocozoo("--help").out()).contains("predict", "convert", "doctor");
        assertThat(mocozoo("--version").out()).startsWith("mocozoo ");
    }

    @ParameterizedTest
    @CsvSource({
        "info,the name of a model is missing",
        "predict vit-tiny-p8_shapes,an image is missing",
        "run vit-tiny-p8_shapes --out x,--input is missing",
        "convert --out x.onnx,the checkpoint is missing",
        "convert a.pth,--out is missing",
        "convert a.pth --out a.onnx,--model is missing",
        "convert a.pth --out a.txt,must end in .onnx",
        "convert a.pth --out a.safetensors --precision fp16,--precision is for ONNX files",
        "fetch,the name of a model is missing",
        "info a b,what is 'b' for",
        "completion fish,expected bash or zsh",
        "extract vit-tiny-p8_shapes a.png --out f.txt,must end in .npy",
        "extract vit-tiny-p8_shapes a.png --out f.npy --stage stage1,has no 'stage1'",
        "predict vit-tiny-p8_shapes a.png --device gpu,expected auto",
        "predict vit-tiny-p8_shapes a.png --top 0,at least 1",
        "predict vit-tiny-p8_shapes a.png --threads 4294967297,at most 1024",
        "cache --prune-older 999999999999999999,at most 36500",
        "predict vit-tiny-p8_shapes a.png --mirror x,REGEX=REPLACEMENT",
        "predict vit-tiny-p8_shapes a.png --top 2 --top 3,--top is given twice",
        "predict vit-tiny-p8_shapes a.png --weights http:,expects a file",
        "predict vit-tiny-p8_shapes a.png --weights https://,expects a file",
        "run vit-tiny-p8_shapes --input x.npy --out x --batch 2,Unrecognized option: --batch",
        "benchmark vit-tiny-p8_shapes --max-pixels 5,Unrecognized option: --max-pixels",
        "benchmark vit-tiny-p8_shapes --untrained --csv .,--csv names the folder",
        "convert gone.pth --model vit-tiny-p8_shapes --out a.onnx --precision int8,'expected one of [fp32, fp16]'",
        "convert gone.pth --out a.pth --report ./a.pth,--out and --report name the same file",
        "info resnet50_mocov3-100e,did you mean resnet50_mocov3-100e-pre"
    })
    void badUsageSaysWhatWasExpected(String line, String part) {
        Result result = mocozoo((Object[]) line.split(" "));
        assertThat(result.code()).as(result.err()).isEqualTo(Main.USAGE);
        assertThat(result.err()).contains(part).doesNotContain("\tat ");
    }

    @Test
    void whatIsJudgedBeforeAnyWorkLeavesNothing() {
        Path shown = folder.resolve("shown");
        assertThat(mocozoo("predict", "nosuch", "a.png", "--show-dir", shown, "--cache", cache())
                        .code())
                .isEqualTo(Main.USAGE);
        assertThat(shown).doesNotExist();
    }

    @Test
    void addressesOfWhatShipsAreThoseOfTheRegistryFile() {
        JsonNode card = mocozoo("info", MODEL, "--cache", cache(), "--json").json();
        assertThat(card.get("weights").get("url").textValue()).startsWith("shapes/" + MODEL + "-");
        assertThat(card.get("labels").textValue()).isEqualTo("shapes/classes.txt");
        assertThat(mocozoo("info", MODEL, "--cache", cache()).out())
                .contains("(ships with this program)")
                .doesNotContain("jar:", "file:");
    }

    @Test
    void fetchOfACardWithoutWeightsSaysWhoTakesSome() throws IOException {
        Path registry = Embedded.registry(folder.resolve("r.json"), "mine");
        Result result = mocozoo("fetch", "mine", "--registry", registry, "--cache", cache());
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("mine: its card names no weights", "predict and its like take a file");
    }

    @Test
    void listGivesCardsAsJson() {
        JsonNode cards =
                mocozoo("list", "*mocov3", "--cache", cache(), "--json").json();
        assertThat(cards).hasSize(13);
        assertThat(cards.get(0).has("architecture")).isTrue();
        assertThat(mocozoo("list", "*mocov3", "--cache", cache()).out().lines()).hasSize(13);
        assertThat(mocozoo("list", "nothing-like-it", "--cache", cache()).code())
                .isZero();
    }

    @Test
    void resultsThatCannotBePrintedAreAFailure() {
        PrintStream full = new PrintStream(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("No space left on device");
            }
        });
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(full, new PrintStream(err, true, StandardCharsets.UTF_8), "--version");
        assertThat(code).isEqualTo(Main.FAILED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("standard output is closed or full");
    }

    @Test
    void infoAddsWhatTheNetworkHas() {
        JsonNode card = mocozoo(
                        "info", "resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k", "--cache", cache(), "--json")
                .json();
        assertThat(card.get("computed").get("parameters").longValue()).isEqualTo(25557032);
        assertThat(card.get("computed").get("flops").longValue()).isEqualTo(4109464576L);
        assertThat(card.get("weights").get("sha256Prefix").textValue()).isEqualTo("8f7d937e");
    }

    @Test
    void predictNamesTheBadImageAndDoesTheOthers() throws IOException {
        Path good = picture("good.png", Color.RED);
        Path bad = folder.resolve("bad.jpg");
        Files.writeString(bad, "no picture");
        Path shown = folder.resolve("shown").resolve("deeper");
        Result result = mocozoo(
                "predict",
                MODEL,
                bad,
                good,
                folder.resolve("gone.jpg"),
                "--cache",
                cache(),
                "--json",
                "--top",
                3,
                "--show-dir",
                shown);
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err()).contains("bad.jpg", "gone.jpg").doesNotContain("\tat ");
        JsonNode all = result.json();
        assertThat(all).hasSize(1);
        assertThat(all.get(0).get("file").textValue()).isEqualTo(good.toString());
        assertThat(all.get(0).get("top")).hasSize(3);
        assertThat(all.get(0).get("pred_label"))
                .isEqualTo(all.get(0).get("top").get(0).get("label"));
        assertThat(all.get(0).get("pred_class").textValue()).isNotBlank();
        assertThat(all.get(0).get("pred_score").doubleValue()).isBetween(0.0, 1.0);
        assertThat(shown.resolve("good.png")).isNotEmptyFile();
    }

    @Test
    void foldersAreTakenByNameWithoutHiddenFiles() throws IOException {
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        Files.copy(picture("b.png", Color.BLUE), pictures.resolve("b.png"));
        Files.copy(picture("a.png", Color.RED), pictures.resolve("a.png"));
        Files.writeString(pictures.resolve(".hidden.png"), "no picture");
        Files.createDirectory(pictures.resolve("inner"));
        Path out = folder.resolve("f.csv");
        Result result = mocozoo("extract", MODEL, pictures, "--cache", cache(), "--out", out);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Files.readAllLines(out)).hasSize(3).satisfies(lines -> {
            assertThat(lines.get(0)).startsWith("file,f0,f1");
            assertThat(lines.get(1)).contains("a.png");
            assertThat(lines.get(2)).contains("b.png");
        });
    }

    @Test
    void featuresAreTheSameInEveryFormat() throws IOException {
        Path a = picture("a.png", Color.RED);
        Path b = picture("b.png", Color.GREEN);
        for (String name : List.of("f.npy", "f.csv", "f.parquet")) {
            Result result =
                    mocozoo("extract", MODEL, a, b, "--cache", cache(), "--out", folder.resolve(name), "--json");
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(result.json().get("rows").intValue()).isEqualTo(2);
        }
        Npy.Array array = Npy.read(folder.resolve("f.npy"));
        assertThat(array.shape()).containsExactly(2, 64);
        String[] row = Files.readAllLines(folder.resolve("f.csv")).get(1).split(",");
        assertThat(Float.parseFloat(row[1].replace("\"", ""))).isEqualTo(array.toFloats()[0]);
        assertThat(Files.readAllLines(folder.resolve("f.npy.txt"))).containsExactly(a.toString(), b.toString());
        byte[] parquet = Files.readAllBytes(folder.resolve("f.parquet"));
        assertThat(new String(parquet, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("PAR1");
        Result tokens =
                mocozoo("extract", MODEL, a, "--cache", cache(), "--stage", "tokens", "--out", folder.resolve("t.npy"));
        assertThat(tokens.code()).as(tokens.err()).isZero();
        assertThat(Npy.read(folder.resolve("t.npy")).shape()).containsExactly(1, 37, 64);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(p -> p.getFileName().toString())).noneMatch(n -> n.endsWith(".part"));
        }
    }

    @Test
    void namesOfClassesComeFromAFileIfOneIsGiven() throws IOException {
        Path labels = folder.resolve("labels.txt");
        Files.write(labels, List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"));
        JsonNode all = mocozoo(
                        "predict", MODEL, picture("a.png", Color.RED), "--cache", cache(), "--labels", labels, "--json")
                .json();
        assertThat(all.get(0).get("pred_class").textValue())
                .isIn("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");
    }

    @Test
    void pretrainingModelsGiveFeaturesWhenAskedToPredict() throws IOException {
        Path registry = folder.resolve("r.json");
        Files.writeString(registry, pretraining("tiny-moco"));
        Result missing = mocozoo(
                "predict", "tiny-moco", picture("a.png", Color.RED), "--registry", registry, "--cache", cache());
        assertThat(missing.code()).isEqualTo(Main.FAILED);
        assertThat(missing.err()).contains("names no weights", "--weights");
    }

    private static String pretraining(String name) {
        return """
                {"schema": 1, "models": [{"name": "%s", "task": "self-supervised-pretraining",
                 "architecture": {"backbone": {"type": "resnet", "depth": 18, "stemChannels": 8, "baseChannels": 8},
                   "projector": {"layers": 2, "hidden": 16, "out": 8, "lastNorm": true},
                   "predictor": {"layers": 2, "hidden": 16, "out": 8, "lastNorm": false}},
                 "preprocessing": {"resizeShortEdge": 36, "interpolation": "bilinear", "crop": 32,
                                   "mean": [0, 0, 0], "std": [1, 1, 1]}}]}
                """
                .formatted(name);
    }

    @Test
    void overlaysLieOnTheCacheFoldersRegistryWhichLiesOnTheBuiltIn() throws IOException {
        Files.createDirectories(cache());
        Files.writeString(cache().resolve("registry.json"), pretraining("from-cache"));
        Path mine = folder.resolve("mine.json");
        Files.writeString(mine, pretraining("mine"));
        String names = mocozoo("list", "--cache", cache(), "--registry", mine).out();
        assertThat(names).contains("from-cache", "mine", MODEL);
        Files.writeString(mine, "{\"schema\": 1, \"models\": [{\"name\": \"Upper\"}]}");
        Result broken = mocozoo("list", "--cache", cache(), "--registry", mine);
        assertThat(broken.code()).isEqualTo(Main.FAILED);
        assertThat(broken.err())
                .contains("mine.json", "$.models[0].architecture")
                .doesNotContain("\tat ");
    }

    @Test
    void runRefusesTensorsOfAnotherShapeAndWritesEveryOutput() throws IOException {
        Path x = folder.resolve("x.npy");
        Npy.write(x, new int[] {2, 3, 40, 56}, new float[2 * 3 * 40 * 56]);
        Path out = folder.resolve("out");
        JsonNode written = mocozoo("run", MODEL, "--cache", cache(), "--input", x, "--out", out, "--json")
                .json();
        List<String> names = new ArrayList<>();
        written.fieldNames().forEachRemaining(names::add);
        assertThat(names).containsExactlyInAnyOrder("logits", "backbone", "features");
        assertThat(Npy.read(out.resolve("logits.npy")).shape()).containsExactly(2, 10);
        Npy.write(x, new int[] {3, 48, 48}, new float[3 * 48 * 48]); // one image, as preprocess writes it
        assertThat(mocozoo("run", MODEL, "--cache", cache(), "--input", x, "--out", out)
                        .code())
                .isZero();
        Npy.write(x, new int[] {40, 56}, new float[40 * 56]);
        Result wrong = mocozoo("run", MODEL, "--cache", cache(), "--input", x, "--out", out);
        assertThat(wrong.code()).isEqualTo(Main.FAILED);
        assertThat(wrong.err()).contains("[n, 3, h, w]", "[40, 56]");
    }

    @Test
    void cacheIsListedCheckedAndPrunedButItsRegistryStays() throws IOException {
        Files.createDirectories(cache());
        Files.writeString(cache().resolve("registry.json"), pretraining("from-cache"));
        assertThat(mocozoo("fetch", MODEL, "--cache", cache()).code()).isZero();
        assertThat(mocozoo("cache", "--cache", cache(), "--json").json()).isNotEmpty();
        JsonNode checked = mocozoo("verify", "--cache", cache(), "--json").json();
        assertThat(checked).isNotEmpty().allSatisfy(f -> assertThat(f.get("ok").booleanValue())
                .isTrue());
        Path weights;
        try (Stream<Path> files = Files.walk(cache().resolve("onnx"))) {
            weights = files.filter(f -> f.endsWith("weights.bin")).findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(weights);
        bytes[100] ^= 1;
        Files.write(weights, bytes);
        Result broken = mocozoo("verify", "--cache", cache());
        assertThat(broken.code()).isEqualTo(Main.FAILED);
        assertThat(broken.out()).contains("BROKEN", "weights.bin");
        assertThat(mocozoo("cache", "--cache", cache(), "--prune-broken").code())
                .isZero();
        assertThat(mocozoo("verify", "--cache", cache()).code()).isZero();
        assertThat(mocozoo("cache", "--cache", cache(), "--prune").code()).isZero();
        assertThat(mocozoo("cache", "--cache", cache(), "--json").json()).isEmpty();
        assertThat(cache().resolve("registry.json")).exists();
        assertThat(mocozoo("fetch", MODEL, "--cache", cache()).code()).isZero();
    }

    @Test
    void offlineSaysWhatIsMissingAndWhereToPutIt() {
        Result result = mocozoo(
                "fetch", "resnet50_mocov3-100e-pre_8xb128-linear-coslr-90e_in1k", "--offline", "--cache", cache());
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err())
                .contains("8f7d937e.pth", cache().toString())
                .contains("https://")
                .doesNotContain("\tat ");
    }

    @Test
    void doctorTriesTheDevices() {
        JsonNode findings = mocozoo("doctor", "--cache", cache(), "--json").json();
        assertThat(findings.get("device cpu").textValue()).isEqualTo("yes");
        assertThat(findings.get("onnx runtime").textValue()).startsWith("1.");
        assertThat(findings.has("device cuda")).isTrue();
    }

    @Test
    void benchmarkMeasuresEveryRow() throws IOException {
        Path csv = folder.resolve("b.csv");
        Result result = mocozoo(
                "benchmark",
                MODEL,
                "--cache",
                cache(),
                "--seconds",
                1,
                "--batches",
                "1,2",
                "--csv",
                csv,
                "--device",
                "cpu");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("decode", "session alone", "Model.predict, batch 2", "images/s");
        assertThat(Files.readAllLines(csv)).hasSizeGreaterThan(8);
    }

    @Test
    void bashCompletesCommandsAndModels() throws Exception {
        Result script = mocozoo("completion", "bash");
        assertThat(script.out()).contains("_mocozoo", "predict", MODEL);
        assertThat(mocozoo("completion", "zsh").out()).contains("bashcompinit");
        if (!Files.isExecutable(Path.of("/bin/bash"))) {
            return;
        }
        Path file = folder.resolve("completion.sh");
        Files.writeString(
                file,
                script.out()
                        + "COMP_WORDS=(mocozoo pred); COMP_CWORD=1; _mocozoo; echo \"${COMPREPLY[*]}\"\n"
                        + "COMP_WORDS=(mocozoo info vit-tiny); COMP_CWORD=2; _mocozoo; echo \"${COMPREPLY[*]}\"\n"
                        + "COMP_WORDS=(mocozoo fetch a vit-tiny); COMP_CWORD=3; _mocozoo; echo \"${COMPREPLY[*]}\"\n"
                        + "COMP_WORDS=(mocozoo train resnet50_8xb128); COMP_CWORD=2; _mocozoo; echo \"${COMPREPLY[*]}\"\n"
                        + "COMP_WORDS=(mocozoo completion z); COMP_CWORD=2; _mocozoo; echo \"${COMPREPLY[*]}\"\n"
                        + "COMP_WORDS=(mocozoo convert --prec); COMP_CWORD=2; _mocozoo; echo \"${COMPREPLY[*]}\"\n"
                        + "cd \"$1\"; COMP_WORDS=(mocozoo convert 'my t'); COMP_CWORD=2; _mocozoo\n"
                        + "printf '[%s]\\n' \"${COMPREPLY[@]}\"\n");
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        Files.writeString(pictures.resolve("my two words.pth"), "");
        Files.writeString(pictures.resolve("my trousers.pth"), "");
        Process bash = new ProcessBuilder("/bin/bash", file.toString(), pictures.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(output).isZero();
        assertThat(output.lines().limit(6))
                .containsExactly(
                        "predict", MODEL, MODEL, "resnet50_8xb128-linear-coslr-90e_in1k", "zsh", "--precision");
        assertThat(output.lines().skip(6)).containsExactlyInAnyOrder("[my trousers.pth]", "[my two words.pth]");
    }
}
