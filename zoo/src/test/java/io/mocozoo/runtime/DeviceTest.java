package io.mocozoo.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DeviceTest {
    @Test
    void severalDevicesAreReadInFullAndInShort() {
        assertThat(Device.several("cuda:0,1,tensorrt:2,3").toString())
                .isEqualTo("[cuda:0, cuda:1, tensorrt:2, tensorrt:3]");
        assertThat(Device.several("cuda:0,cuda:1")).isEqualTo(Device.several("cuda:0,1"));
        assertThat(Device.several("cpu,cpu")).containsExactly(Device.CPU, Device.CPU);
        assertThat(Device.several("auto")).containsExactly(Device.AUTO);
    }

    @Test
    void whatIsNoDeviceIsNamed() {
        for (String text : new String[] {"", "1", "cuda:0,", "cpu,1", "cuda:0;1", "gpu"}) {
            assertThatThrownBy(() -> Device.several(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unknown device");
        }
    }
}
