package io.mocozoo.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages a file the way transfers, disks and people do; the same seed gives the same damage. */
final class Mutator {
    private static final int[] INTERESTING = {
        0, 1, 0x7f, 0x80, 0xff, '.', '(', ')', 't', 'R', 'q', 'h', 0x8a, 0x94, '{', '"'
    };

    private final List<byte[]> seeds;

    Mutator(List<byte[]> seeds) {
        this.seeds = seeds;
    }

    byte[] next(long seed) {
        Random random = new Random(seed);
        byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
        int changes = 1 + random.nextInt(random.nextInt(8) + 1);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            bytes = change(bytes, random);
        }
        return bytes;
    }

    private byte[] change(byte[] bytes, Random random) {
        int at = position(bytes.length, random);
        switch (random.nextInt(9)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt();
            case 2, 3 -> bytes[at] = (byte) INTERESTING[random.nextInt(INTERESTING.length)];
            case 4 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 5 ->
                Arrays.fill(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), (byte) -random.nextInt(2));
            case 6 -> {
                return splice(bytes, at, bytes, position(bytes.length, random), random.nextInt(64)); // repeat or move
            }
            case 7 -> {
                byte[] other = seeds.get(random.nextInt(seeds.size()));
                return splice(bytes, at, other, position(other.length, random), random.nextInt(64));
            }
            default -> {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(16));
                byte[] shorter = Arrays.copyOf(bytes, bytes.length - (end - at));
                System.arraycopy(bytes, end, shorter, at, bytes.length - end);
                return shorter;
            }
        }
        return bytes;
    }

    /** The ends of a file hold its structure, the middle mostly numbers. */
    private static int position(int length, Random random) {
        int near = Math.min(length, 2048);
        return switch (random.nextInt(4)) {
            case 0 -> random.nextInt(length);
            case 1 -> length - 1 - random.nextInt(near);
            default -> random.nextInt(near);
        };
    }

    private static byte[] splice(byte[] bytes, int at, byte[] from, int start, int length) {
        int taken = Math.min(length, from.length - start);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + taken);
        System.arraycopy(bytes, at, longer, at + taken, bytes.length - at);
        System.arraycopy(from, start, longer, at, taken);
        return longer;
    }
}
