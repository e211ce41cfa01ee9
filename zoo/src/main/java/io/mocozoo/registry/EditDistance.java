package io.mocozoo.registry;

/**
 * How far a typed name is from a known one: the fewest insertions, deletions and exchanges that make it some part of
 * the known name (Sellers 1980), so that a piece of a long name is near to it.
 */
final class EditDistance {
    private EditDistance() {}

    static int toPartOf(String known, String typed) {
        int[] row = new int[known.length() + 1]; // a part may begin anywhere at no cost
        for (int i = 1; i <= typed.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= known.length(); j++) {
                int exchange = diagonal + (typed.charAt(i - 1) == known.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(exchange, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        int least = row[0];
        for (int cost : row) {
            least = Math.min(least, cost); // and end anywhere
        }
        return least;
    }
}
