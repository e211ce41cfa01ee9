package io.mocozoo.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mocozoo.checkpoint.Npy;
import io.mocozoo.evaluate.file.JsonFiles;
import io.mocozoo.evaluate.file.RunException;
import io.mocozoo.evaluate.metric.Average;
import io.mocozoo.evaluate.metric.AveragePrecision;
import io.mocozoo.evaluate.metric.MultiLabelMetric;
import io.mocozoo.evaluate.metric.RetrievalRecall;
import io.mocozoo.evaluate.metric.Scores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Figures of scores where several columns may be right for a row: classes of an image with many labels, or items of a
 * gallery that belong to a query. By the reference's names.
 */
public final class OfflineSets {
    private final ScoreArray scores;
    private final int[][] targets; // 1 right, 0 wrong, -1 not counted

    private OfflineSets(ScoreArray scores, int[]... targets) {
        this.scores = scores;
        this.targets = targets;
    }

    /**
     * Reads scores and what is right.
     *
     * @param scoreFile a {@code .npy} [n, columns] of floats
     * @param right a {@code .npy} [n, columns] of integers, 1 for right, 0 for wrong, -1 for what does not count; or a
     *     {@code .csv} or text of the numbers of right columns, a line a row, any number of them with spaces between
     * @throws RunException if they do not fit together
     */
    public static OfflineSets read(Path scoreFile, Path right) throws IOException {
        ScoreArray scores = ScoreArray.read(scoreFile);
        for (int i = 0; i < scores.rows(); i++) {
            ScoreArray.refuseNonFinite(scoreFile, i, scores.row(i));
        }
        boolean array = right.toString().toLowerCase(Locale.ROOT).endsWith(".npy");
        return new OfflineSets(scores, array ? dense(right, scores) : sparse(right, scores));
    }

    private static int[][] dense(Path file, ScoreArray scores) throws IOException {
        Npy.Array array = Npy.read(file);
        int rows = scores.rows();
        int columns = scores.columns();
        if (!Arrays.equals(array.shape(), new int[] {rows, columns})) {
            throw new RunException(file + ": expected targets of shape [" + rows + ", " + columns + "] as "
                    + scores.file() + ", found " + Arrays.toString(array.shape()));
        }
        long[] values = LabelFile.numbers(file, array);
        int[][] targets = new int[rows][columns];
        for (int i = 0; i < values.length; i++) {
            if (values[i] < -1 || values[i] > 1) {
                throw new RunException(file + ", row " + i / columns + ", column " + i % columns
                        + ": expected 1, 0 or -1, found " + values[i]);
            }
            targets[i / columns][i % columns] = (int) values[i];
        }
        return targets;
    }

    private static int[][] sparse(Path file, ScoreArray scores) throws IOException {
        int[][] right = LabelFile.readSets(file).inOrder(scores.rows(), scores.file());
        int[][] targets = new int[scores.rows()][scores.columns()];
        for (int i = 0; i < right.length; i++) {
            for (int column : right[i]) {
                if (column >= scores.columns()) {
                    throw new RunException(file + ", label " + (i + 1) + ": expected 0 to " + (scores.columns() - 1)
                            + ", found " + column);
                }
                targets[i][column] = 1;
            }
        }
        return targets;
    }

    /**
     * Precision, recall, F1 and support of many labels an image, and the mean average precision over classes.
     *
     * @param rules which classes are predicted
     * @return {@code images}, {@code classes}, and under {@code reference} the figures; percent
     * @throws RunException if there are fewer classes than a rule asks for
     */
    public ObjectNode multiLabel(Collection<MultiLabelRule> rules) throws RunException {
        ObjectNode json = JsonFiles.object().put("images", scores.rows()).put("classes", scores.columns());
        ObjectNode named = json.putObject("reference");
        for (MultiLabelRule rule : rules) {
            refuseMore(rule.topk().orElse(1));
            MultiLabelMetric metric = new MultiLabelMetric(scores.columns(), rule.threshold(), rule.topk());
            for (int i = 0; i < targets.length; i++) {
                metric.add(scores.row(i), targets[i]);
            }
            for (Average average : List.of(Average.MACRO, Average.MICRO)) {
                Figures.put(named, metric.result(average), item -> metric.name(item, average));
            }
        }
        double[] each = new double[scores.columns()];
        for (int c = 0; c < each.length; c++) {
            int column = c;
            each[c] = AveragePrecision.ofClass(
                    scores.column(c),
                    Arrays.stream(targets).mapToInt(row -> row[column]).toArray());
        }
        named.put("multi-label/mAP", AveragePrecision.mean(each));
        return json;
    }

    private void refuseMore(int k) throws RunException {
        if (k > scores.columns()) {
            throw new RunException("the best " + k + " are asked for, and " + scores.file() + " has " + scores.columns()
                    + " columns; ask for less (--topk)");
        }
    }

    /**
     * How many queries find something that belongs to them among their highest scores.
     *
     * @param firsts each at least 1 and at most the number of items
     * @return {@code queries}, {@code items}, and under {@code reference} {@code retrieval/Recall@k}; percent
     * @throws RunException if there are fewer items
     */
    public ObjectNode retrieval(Collection<Integer> firsts) throws RunException {
        ObjectNode json = JsonFiles.object().put("queries", scores.rows()).put("items", scores.columns());
        ObjectNode named = json.putObject("reference");
        for (int k : new TreeSet<>(firsts)) {
            refuseMore(k);
            RetrievalRecall recall = new RetrievalRecall(k);
            for (int i = 0; i < targets.length; i++) {
                int[] own = targets[i];
                Set<Integer> relevant = new TreeSet<>(IntStream.range(0, own.length)
                        .filter(c -> own[c] > 0)
                        .boxed()
                        .toList());
                recall.add(Scores.top(scores.row(i), k), relevant);
            }
            named.put("retrieval/Recall@" + k, recall.result());
        }
        return json;
    }
}
