package io.mocozoo.train.augment;

/** Operations that give every sample a new value by its old one alone. */
final class Lookup {
    private Lookup() {}

    /** Replaces every sample by its entry in the table. */
    static void inPlace(byte[] samples, byte[] table) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = table[samples[i] & 0xff];
        }
    }

    /** Replaces every sample of one channel of interleaved RGB by its entry in the table. */
    static void channelInPlace(byte[] rgb, int channel, byte[] table) {
        for (int i = channel; i < rgb.length; i += 3) {
            rgb[i] = table[rgb[i] & 0xff];
        }
    }
}
