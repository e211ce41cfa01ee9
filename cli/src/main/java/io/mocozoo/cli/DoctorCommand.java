package io.mocozoo.cli;

import io.mocozoo.CheckpointConverter;
import io.mocozoo.Zoo;
import io.mocozoo.image.ImageDecoder;
import io.mocozoo.runtime.Device;
import io.mocozoo.runtime.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import org.apache.commons.cli.Options;

/** What of this machine can be used, and what is missing for the rest. */
final class DoctorCommand implements Command {
    /** What downloads read; HTTP_PROXY in capitals is not among it. */
    private static final List<String> PROXIES =
            List.of("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY");

    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public String arguments() {
        return "";
    }

    @Override
    public String summary() {
        return "say what of this machine can be used, and what is missing for the rest";
    }

    @Override
    public String example() {
        return "mocozoo doctor";
    }

    @Override
    public Options options() {
        return CommonOptions.models();
    }

    @Override
    public int run(Invocation call) throws IOException, UsageException {
        call.atMost(0);
        Map<String, String> findings = new LinkedHashMap<>();
        Runtime jvm = Runtime.getRuntime();
        findings.put("mocozoo", Main.version());
        findings.put("java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
        findings.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", " + jvm.availableProcessors()
                        + " cores, heap of at most " + Console.size(jvm.maxMemory()));
        boolean works = true;
        try (Zoo zoo = call.zoo()) {
            findings.put("models", zoo.registry().cards().size() + " cards");
            findings.put("cache", cache(zoo.store().folder()));
            findings.put("converter", converter());
            findings.put(
                    "images",
                    ImageDecoder.isNative()
                            ? "OpenCV"
                            : "ImageIO: OpenCV's library could not be loaded; slower, and WebP is not read");
            try {
                findings.put(
                        "onnx runtime",
                        Engine.version() + " from " + System.getProperty("onnxruntime.native.path", "its own folder"));
                for (String device : new String[] {"cpu", "cuda", "tensorrt"}) {
                    Optional<String> obstacle = Engine.obstacle(Device.of(device));
                    findings.put(
                            "device " + device, obstacle.map(o -> "no: " + o).orElse("yes"));
                }
            } catch (IOException | LinkageError e) {
                findings.put("onnx runtime", "no: " + Main.reason(e));
                works = false;
            }
        }
        for (String proxy : PROXIES) {
            if (System.getenv(proxy) != null) {
                findings.put("environment " + proxy, "set");
            }
        }
        if (call.json()) {
            call.console().json(Console.mapper().valueToTree(findings));
        } else {
            findings.forEach((what, text) -> call.console().out().printf("%-16s %s%n", what, text));
        }
        return works ? Main.OK : Main.FAILED;
    }

    private static String cache(Path folder) throws IOException {
        Path there = folder.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there == null || !Files.isWritable(there)) {
            return folder + ": cannot be written; set MOCOZOO_HOME or --cache to a folder that can";
        }
        return folder + ", " + Console.size(Files.getFileStore(there).getUsableSpace()) + " free";
    }

    private static String converter() {
        return ServiceLoader.load(CheckpointConverter.class)
                .findFirst()
                .map(c -> "version " + CheckpointConverter.VERSION)
                .orElse("no: io.mocozoo:mocozoo-convert is not on the class path");
    }
}
