package io.mocozoo.train.torch;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.ParameterStore;
import io.mocozoo.store.CacheFolder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * PyTorch's own operations, callable from Java with gradients; owns a native module and is closed by whoever opened
 * it. Results belong to the manager a call names.
 */
public final class TorchFunctions implements AutoCloseable {
    /** What a call may need of constants is a method of its own: every argument is an array. */
    private static final List<String> METHODS = List.of(
            method("conv1", "x: Tensor, w: Tensor", conv("None", "[1, 1]", "[p, p]")),
            method("conv2", "x: Tensor, w: Tensor", conv("None", "[2, 2]", "[p, p]")),
            method("convBias1", "x: Tensor, w: Tensor, b: Tensor", conv("b", "[1, 1]", "[p, p]")),
            method("convBias2", "x: Tensor, w: Tensor, b: Tensor", conv("b", "[2, 2]", "[p, p]")),
            method("patches", "x: Tensor, w: Tensor, b: Tensor", conv("b", "[k, k]", "[0, 0]")),
            method(
                    "pad",
                    "x: Tensor, like: Tensor",
                    """
                        k = torch.size(like, 2)
                        h = torch.remainder(torch.neg(torch.size(x, 2)), k)
                        w = torch.remainder(torch.neg(torch.size(x, 3)), k)
                        return torch.constant_pad_nd(x, [0, w, 0, h])
                    """),
            method(
                    "batchNorm",
                    "x: Tensor, w: Tensor, b: Tensor, m: Tensor, v: Tensor",
                    "    return torch.batch_norm(x, w, b, m, v, True, 0.1, 1e-05, False)\n"),
            method(
                    "batchNormPlain",
                    "x: Tensor, m: Tensor, v: Tensor",
                    "    return torch.batch_norm(x, None, None, m, v, True, 0.1, 1e-05, False)\n"),
            method(
                    "batchNormEval",
                    "x: Tensor, w: Tensor, b: Tensor, m: Tensor, v: Tensor",
                    "    return torch.batch_norm(x, w, b, m, v, False, 0.1, 1e-05, False)\n"),
            method(
                    "batchNormPlainEval",
                    "x: Tensor, m: Tensor, v: Tensor",
                    "    return torch.batch_norm(x, None, None, m, v, False, 0.1, 1e-05, False)\n"),
            method(
                    "batchNormAgain",
                    "x: Tensor, w: Tensor, b: Tensor",
                    "    return torch.batch_norm(x, w, b, None, None, True, 0.1, 1e-05, False)\n"),
            method(
                    "batchNormPlainAgain",
                    "x: Tensor",
                    "    return torch.batch_norm(x, None, None, None, None, True, 0.1, 1e-05, False)\n"),
            method(
                    "layerNorm",
                    "x: Tensor, w: Tensor, b: Tensor",
                    "    return torch.layer_norm(x, [torch.size(x, -1)], w, b, 1e-06)\n"),
            method("linear", "x: Tensor, w: Tensor", "    return torch.linear(x, w, None)\n"),
            method("linearBias", "x: Tensor, w: Tensor, b: Tensor", "    return torch.linear(x, w, b)\n"),
            method("gelu", "x: Tensor", "    return torch.gelu(x)\n"),
            method(
                    "attention",
                    "x: Tensor, like: Tensor",
                    """
                        n = torch.size(x, 0)
                        l = torch.size(x, 1)
                        h = torch.size(like, 0)
                        s = torch.permute(torch.reshape(x, [n, l, 3, h, -1]), [2, 0, 3, 1, 4])
                        q, k, v, = torch.unbind(s)
                        a = torch.scaled_dot_product_attention(q, k, v)
                        return torch.reshape(torch.transpose(a, 1, 2), [n, l, -1])
                    """),
            method("maxPool", "x: Tensor", "    return torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])\n"),
            method("mean", "x: Tensor", "    return torch.mean(x, [2, 3])\n"),
            method(
                    "tokens",
                    "x: Tensor, c: Tensor, p: Tensor",
                    """
                        t = torch.transpose(torch.flatten(x, 2), 1, 2)
                        f = torch.expand(c, [torch.size(x, 0), -1, -1])
                        return torch.add(torch.cat([f, t], 1), p)
                    """),
            method(
                    "resized",
                    "p: Tensor, x: Tensor, like: Tensor",
                    """
                        g = torch.size(like, 0)
                        r = torch.reshape(torch.slice(p, 1, 1, 9223372036854775807, 1), [1, g, g, -1])
                        r0 = torch.permute(r, [0, 3, 1, 2])
                        s = [torch.size(x, 2), torch.size(x, 3)]
                        r1 = torch.upsample_bicubic2d(r0, s, False, None, None)
                        r2 = torch.transpose(torch.flatten(r1, 2), 1, 2)
                        return torch.cat([torch.slice(p, 1, 0, 1, 1), r2], 1)
                    """),
            method(
                    "token",
                    "x: Tensor, like: Tensor",
                    "    return torch.select(x, 1, torch.sub(torch.size(like, 0), 1))\n"),
            method(
                    "normalised",
                    "x: Tensor",
                    """
                        l = torch.clamp_min(torch.linalg_vector_norm(x, 2, [1], True), 1e-12)
                        return torch.div(x, l)
                    """),
            method(
                    "contrast",
                    "p: Tensor, k: Tensor, labels: Tensor, t: Tensor",
                    """
                        s = torch.log_softmax(torch.div(torch.matmul(p, torch.t(k)), t), 1)
                        c = torch.neg(torch.mean(torch.gather(s, 1, labels)))
                        return torch.mul(c, torch.mul(t, 2.))
                    """),
            method(
                    "crossEntropy",
                    "x: Tensor, t: Tensor",
                    """
                        s = torch.sum(torch.mul(t, torch.log_softmax(x, 1)), [1])
                        return torch.neg(torch.mean(s))
                    """),
            method(
                    "deviation",
                    "x: Tensor",
                    """
                        l = torch.clamp_min(torch.linalg_vector_norm(x, 2, [1], True), 1e-12)
                        u = torch.div(x, l)
                        m = torch.mean(torch.mul(u, u), [0])
                        c = torch.mean(u, [0])
                        return torch.mean(torch.sqrt(torch.clamp_min(torch.sub(m, torch.mul(c, c)), 0.)))
                    """),
            method("add", "x: Tensor, y: Tensor", "    return torch.add(x, y)\n"),
            method("multiply", "x: Tensor, y: Tensor", "    return torch.mul(x, y)\n"),
            method("dot", "x: Tensor, y: Tensor", "    return torch.sum(torch.mul(x, y))\n"),
            method("relu", "x: Tensor", "    return torch.relu(x)\n"),
            method("detached", "x: Tensor", "    return torch.detach(x)\n"),
            method("norms", "g: List[Tensor]", "    return torch.stack(torch._foreach_norm(g))\n"),
            method("scale", "g: List[Tensor], by: Tensor", "    torch._foreach_mul_(g, float(by))\n    return by\n"),
            method("count", "g: List[Tensor]", "    torch._foreach_add_(g, 1)\n    return g[0]\n"),
            method("zero", "g: List[Tensor]", "    torch._foreach_zero_(g)\n    return g[0]\n"),
            method(
                    "average",
                    "a: List[Tensor], b: List[Tensor], by: Tensor",
                    """
                        torch._foreach_mul_(a, torch.sub(1., float(by)))
                        torch._foreach_add_(a, b, alpha=float(by))
                        return by
                    """),
            method("copy", "a: List[Tensor], b: List[Tensor]", "    torch._foreach_copy_(a, b)\n    return a[0]\n"),
            method(
                    "sgd",
                    "w: List[Tensor], g: List[Tensor], m: List[Tensor], s: Tensor",
                    """
                        mu = float(torch.select(s, 0, 0))
                        lr = float(torch.select(s, 0, 1))
                        wd = float(torch.select(s, 0, 2))
                        torch._foreach_mul_(m, mu)
                        torch._foreach_add_(m, g)
                        torch._foreach_add_(m, w, alpha=wd)
                        torch._foreach_add_(w, m, alpha=torch.neg(lr))
                        return s
                    """),
            method(
                    "lars",
                    "w: List[Tensor], g: List[Tensor], m: List[Tensor], s: Tensor",
                    """
                        mu = float(torch.select(s, 0, 0))
                        step = float(torch.select(s, 0, 1))
                        wd = float(torch.select(s, 0, 2))
                        torch._foreach_mul_(m, mu)
                        torch._foreach_add_(m, g, alpha=step)
                        torch._foreach_add_(m, w, alpha=torch.mul(wd, step))
                        torch._foreach_sub_(w, m)
                        return s
                    """),
            method(
                    "adamw",
                    "w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], s: Tensor",
                    """
                        b1 = float(torch.select(s, 0, 0))
                        b2 = float(torch.select(s, 0, 1))
                        eps = float(torch.select(s, 0, 2))
                        decay = float(torch.select(s, 0, 3))
                        step = float(torch.select(s, 0, 4))
                        root = float(torch.select(s, 0, 5))
                        torch._foreach_mul_(w, decay)
                        torch._foreach_mul_(m, b1)
                        torch._foreach_add_(m, g, alpha=torch.sub(1., b1))
                        torch._foreach_mul_(v, b2)
                        torch._foreach_addcmul_(v, g, g, torch.sub(1., b2))
                        d = torch._foreach_sqrt(v)
                        torch._foreach_div_(d, root)
                        torch._foreach_add_(d, eps)
                        torch._foreach_addcdiv_(w, m, d, torch.neg(step))
                        return s
                    """));

    private static String method(String name, String arguments, String body) {
        return "  def " + name + "(self: __torch__.Ops,\n    " + arguments.replace(", ", ",\n    ") + ") -> Tensor:\n"
                + body;
    }

    private static String conv(String bias, String stride, String padding) {
        return "    k = torch.size(w, 2)\n    p = torch.floordiv(k, 2)\n    return torch.conv2d(x, w, " + bias + ", "
                + stride + ", " + padding + ", [1, 1], 1)\n";
    }

    private final Model model;
    private final Block block;
    private final ParameterStore store;

    private TorchFunctions(Model model) {
        this.model = model;
        this.block = model.getBlock();
        this.store = new ParameterStore(model.getNDManager(), false);
    }

    /** The engine's native code is kept where everything else is, and it never asks a network. */
    private static void prepare() {
        if (System.getProperty("DJL_CACHE_DIR") == null && System.getenv("DJL_CACHE_DIR") == null) {
            System.setProperty(
                    "DJL_CACHE_DIR",
                    CacheFolder.standard().resolve("native").resolve("djl").toString());
        }
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    /** Loads the functions into the engine. */
    public static TorchFunctions load() {
        prepare();
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        Model model = Model.newInstance("mocozoo-functions", "PyTorch");
        try {
            TorchScript.write(METHODS, archive);
            model.load(new ByteArrayInputStream(archive.toByteArray()), Map.of("trainParam", "true"));
            return new TorchFunctions(model);
        } catch (IOException | MalformedModelException e) {
            model.close();
            throw new IllegalStateException("the engine refuses our functions: " + e.getMessage(), e);
        }
    }

    /** The root of all managers of arrays. */
    public NDManager manager() {
        return model.getNDManager();
    }

    /** Calls a function whose result takes part in gradients; the result belongs to the manager. */
    public NDArray call(NDManager manager, String function, NDArray... arguments) {
        return call(manager, function, true, single(arguments));
    }

    /**
     * Calls a function for its value alone; the result belongs to the manager. Unlike what an update returns, it may take
     * part in gradients later.
     */
    public NDArray value(NDManager manager, String function, NDArray... arguments) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try {
            return call(manager, function, true, single(arguments));
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    private static NDList single(NDArray... arguments) {
        for (NDArray argument : arguments) {
            argument.setName(""); // a name would make it part of a list or map
        }
        return new NDList(arguments);
    }

    /** Calls a function that changes its arguments in place, or one without gradients. */
    public NDArray update(NDManager manager, String function, Lists arguments) {
        return call(manager, function, false, arguments.all);
    }

    /** The arguments of an update: lists of arrays by the names of the function's parameters, and single arrays. */
    public static final class Lists {
        private final NDList all = new NDList();

        /** Adds a list. */
        public Lists list(String parameter, Collection<NDArray> arrays) {
            for (NDArray array : arrays) {
                array.setName(parameter + "[]");
                all.add(array);
            }
            return this;
        }

        /** Adds an array. */
        public Lists one(NDArray array) {
            array.setName("");
            all.add(array);
            return this;
        }
    }

    private NDArray call(NDManager manager, String function, boolean gradients, NDList arguments) {
        NDArray method = manager.create(0f);
        method.setName("module_method:" + function);
        NDList inputs = new NDList(arguments.size() + 1);
        inputs.add(method);
        inputs.addAll(arguments);
        NDArray result = block.forward(store, inputs, gradients).singletonOrThrow();
        result.attach(manager);
        return result;
    }

    @Override
    public void close() {
        model.close();
    }
}
