package io.mocozoo.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void stripsTheModulePrefixAndRefusesACollision() throws Exception {
        long[] one = {1};
        Pickled pickle = new Pickled()
                .op('}')
                .text("module.w")
                .tensor("0", 1, 0, one, one)
                .op('s');
        try (Checkpoint checkpoint =
                TestFiles.open(TestFiles.zip(folder, pickle.stop(), "data/0", TestFiles.floats(1)))) {
            assertThat(checkpoint.stateDict()).containsOnlyKeys("w");
        }
        Pickled both = new Pickled()
                .op('}')
                .text("module.w")
                .tensor("0", 1, 0, one, one)
                .op('s');
        both.text("w").tensor("0", 1, 0, one, one).op('s');
        Path file = TestFiles.zip(folder, both.stop(), "data/0", TestFiles.floats(1));
        assertThatThrownBy(() -> TestFiles.open(file)).hasMessageContaining("with and without 'module.'");
    }

    @Test
    void readsEmaClassesAndMetadata() throws Exception {
        long[] one = {1};
        Pickled pickle =
                new Pickled().op('}', '(').text("state_dict").op('}').text("w").tensor("0", 1, 0, one, one);
        pickle.op('s').text("ema_state_dict").op('}', '(').text("steps").tensor("0", 1, 0, one, one);
        pickle.text("module.w").tensor("0", 1, 0, one, one).op('u');
        pickle.text("meta")
                .op('}', '(')
                .text("CLASSES")
                .op('(')
                .text("cat")
                .text("dog")
                .op('t');
        pickle.text("epoch").integer(3).text("cfg").text("x".repeat(1000)).op('u', 'u');
        try (Checkpoint checkpoint =
                TestFiles.open(TestFiles.zip(folder, pickle.stop(), "data/0", TestFiles.floats(1)))) {
            assertThat(checkpoint.emaStateDict().orElseThrow()).containsOnlyKeys("w");
            assertThat(checkpoint.classes().orElseThrow()).containsExactly("cat", "dog");
            assertThat(checkpoint.metadata()).containsExactly(Map.entry("epoch", "3"));
        }
    }

    @Test
    void valuesThatAreNoTensorsAreLeftOutWithAWarning() throws Exception {
        Pickled pickle = new Pickled()
                .op('}', '(')
                .text("state_dict")
                .op('}', '(')
                .text("n")
                .integer(1)
                .text("w");
        pickle.tensor("0", 1, 0, new long[] {1}, new long[] {1}).op('u', 'u');
        try (Checkpoint checkpoint =
                TestFiles.open(TestFiles.zip(folder, pickle.stop(), "data/0", TestFiles.floats(1)))) {
            assertThat(checkpoint.stateDict()).containsOnlyKeys("w");
            assertThat(checkpoint.warnings()).containsExactly("not tensors, left out of state_dict: [n]");
        }
    }

    @Test
    void whatHasNoTensorsIsNamed() throws Exception {
        Path list = TestFiles.zip(folder, new Pickled().op(']').stop(), Map.of());
        assertThatThrownBy(() -> TestFiles.open(list))
                .hasMessageContaining("no state_dict")
                .hasMessageContaining("a list of 0");
        Path wrong = TestFiles.zip(
                folder, new Pickled().op('}').text("state_dict").op('N', 's').stop(), Map.of());
        assertThatThrownBy(() -> TestFiles.open(wrong)).hasMessageContaining("found None");
        Path net = TestFiles.zip(
                folder, new Pickled().op('}').text("net").op('}', 's').stop(), Map.of());
        assertThatThrownBy(() -> TestFiles.open(net)).hasMessageContaining("[net]");
    }

    @Test
    void filesThatAreNoCheckpointsAreRecognised() {
        Map<String, String> guesses = Map.of(
                "", "it is empty",
                "  <html>", "web page",
                "version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer",
                "\u0080\u0002]q\u0000.", "bare pickle",
                "\u001f\u008b\b", "gzip",
                "{\"a\": 1}", "JSON",
                "GIF89a", "47 49 46 38");
        guesses.forEach((content, guess) -> {
            Path file = TestFiles.file(folder, "x.pth", content.getBytes(StandardCharsets.ISO_8859_1));
            assertThatThrownBy(() -> TestFiles.open(file))
                    .isInstanceOf(CheckpointFormatException.class)
                    .hasMessageStartingWith("x.pth: this is not a checkpoint")
                    .hasMessageContaining(guess);
        });
    }

    @Test
    void closedCheckpointsAreNotRead() throws Exception {
        Checkpoint checkpoint = TestFiles.open(
                TestFiles.zip(folder, TestFiles.sixFloats().stop(), "data/0", TestFiles.floats(TestFiles.SIX)));
        checkpoint.close();
        checkpoint.close();
        assertThatThrownBy(() -> TestFiles.only(checkpoint).toFloats())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void digestsInNamesAreChecked() throws Exception {
        Path file = TestFiles.file(folder, "m-e3b0c442.pth", new byte[0]);
        Checkpoint.verifyNameDigest(file);
        Checkpoint.verifyNameDigest(Path.of("m-E3B0C442.pth.tar"), "e3b0c44298");
        Checkpoint.verifyNameDigest(Path.of("m-2.pth"), "00");
        assertThatThrownBy(() -> Checkpoint.verifyNameDigest(Path.of("m-e3b0c442.safetensors"), "00ff"))
                .isInstanceOf(CheckpointFormatException.class)
                .hasMessageContaining("e3b0c442")
                .hasMessageContaining("00ff");
    }
}
