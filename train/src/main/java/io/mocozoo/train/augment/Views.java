package io.mocozoo.train.augment;

import io.mocozoo.image.Interpolation;
import io.mocozoo.train.recipe.Recipe;
import java.util.List;

/** The front door: the views that a recipe asks for. */
public final class Views {
    private Views() {}

    /**
     * Two views for {@code moco-v3}, one for {@code crop-flip} and {@code rand-augment}.
     *
     * @throws IllegalArgumentException if a number is out of its range or a word unknown
     */
    public static List<View> of(Recipe.Data data) {
        var crop = new RandomResizedCrop(
                data.crop(), data.cropScaleMin(), data.cropScaleMax(), Interpolation.of(data.interpolation()));
        return switch (data.augmentation()) {
            case "moco-v3" -> MocoViews.of(crop, data.mean(), data.std());
            case "crop-flip" -> List.of(new CropFlip(crop, data.mean(), data.std()));
            case "rand-augment" -> List.of(new FineTuneView(crop, data.mean(), data.std()));
            default ->
                throw new IllegalArgumentException(
                        "data.augmentation must be moco-v3, crop-flip or rand-augment, found " + data.augmentation());
        };
    }
}
