package io.mocozoo.train.augment;

import java.util.List;

/**
 * The two views of MoCo v3's pre-training. The first is always blurred and never solarised; the second is blurred one
 * time in ten and solarised one time in five. Both jitter colours four times in five (brightness and contrast 0.4,
 * saturation 0.2, hue 0.1), turn gray one time in five, blur by 0.1 to 2 pixels whatever the side, and flip every other
 * time.
 *
 * @see <a href="https://arxiv.org/abs/2104.02057">Chen et al. 2021, appendix A: data augmentation, after Grill et al.
 *     2020 (BYOL), appendix B</a>
 */
public final class MocoViews {
    private static final ColorJitter JITTER = new ColorJitter(0.4, 0.4, 0.2, 0.1);
    private static final int THRESHOLD = 128;

    private MocoViews() {}

    /**
     * Both views, in their order.
     *
     * @param crop of each view; the least share of an image's area is 0.2 for ResNets, 0.08 for ViTs
     * @param mean of R, G, B on the scale 0 to 255
     * @param std of R, G, B on the scale 0 to 255
     */
    public static List<View> of(RandomResizedCrop crop, List<Double> mean, List<Double> std) {
        return List.of(
                new MocoView(crop, strength(1.0, 0.0), mean, std), new MocoView(crop, strength(0.1, 0.2), mean, std));
    }

    private static MocoView.Strength strength(double blurChance, double solarizeChance) {
        return new MocoView.Strength(JITTER, 0.8, 0.2, blurChance, 0.1, 2.0, solarizeChance, THRESHOLD, 0.5);
    }
}
