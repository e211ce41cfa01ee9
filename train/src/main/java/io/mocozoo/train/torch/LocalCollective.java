package io.mocozoo.train.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;

/** Replicas of one process, which see each other's arrays. */
final class LocalCollective implements Collective {
    private final TorchFunctions torch;
    private final int replicas;

    LocalCollective(TorchFunctions torch, int replicas) {
        this.torch = torch;
        this.replicas = replicas;
    }

    @Override
    public int replicas() {
        return replicas;
    }

    @Override
    public int firstRank() {
        return 0;
    }

    @Override
    public List<NDArray> allReduce(List<NDArray> own) {
        NDArray first = own.get(0);
        NDArray sum = first;
        for (NDArray other : own.subList(1, own.size())) {
            sum = torch.call(first.getManager(), "add", sum, moved(other, first));
        }
        return everywhere(sum, own);
    }

    @Override
    public List<NDArray> allGather(List<NDArray> own) {
        if (own.size() == 1) {
            return own;
        }
        NDArray first = own.get(0);
        NDList rows = new NDList();
        own.forEach(array -> rows.add(moved(array, first)));
        NDArray all = NDArrays.concat(rows, 0);
        all.attach(first.getManager());
        return everywhere(all, own);
    }

    private static List<NDArray> everywhere(NDArray array, List<NDArray> places) {
        List<NDArray> copies = new ArrayList<>();
        for (NDArray place : places) {
            copies.add(moved(array, place));
        }
        return List.copyOf(copies);
    }

    /** The array beside another one: itself where they share a device. */
    static NDArray moved(NDArray array, NDArray place) {
        if (array.getDevice().equals(place.getDevice())) {
            return array;
        }
        NDArray copy = array.toDevice(place.getDevice(), false);
        copy.attach(place.getManager());
        return copy;
    }
}
