package io.mocozoo.train.torch;

import java.util.ArrayList;
import java.util.List;

/**
 * The functions of the TorchScript archive, in the form in which PyTorch writes them: every argument is an array, so that
 * what a call may need of constants is a method of its own.
 */
final class TorchMethods {
    /** Products of matrices: what may be computed in less than single precision. */
    private static final List<Method> PRODUCTS = List.of(
            new Method("conv1", "x: Tensor, w: Tensor", conv("None", "[1, 1]", "[p, p]")),
            new Method("conv2", "x: Tensor, w: Tensor", conv("None", "[2, 2]", "[p, p]")),
            new Method("convBias1", "x: Tensor, w: Tensor, b: Tensor", conv("b", "[1, 1]", "[p, p]")),
            new Method("convBias2", "x: Tensor, w: Tensor, b: Tensor", conv("b", "[2, 2]", "[p, p]")),
            new Method("patches", "x: Tensor, w: Tensor, b: Tensor", conv("b", "[k, k]", "[0, 0]")),
            new Method("linear", "x: Tensor, w: Tensor", "    return torch.linear(x, w, None)\n"),
            new Method("linearBias", "x: Tensor, w: Tensor, b: Tensor", "    return torch.linear(x, w, b)\n"),
            new Method(
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
                    """));

    private static final List<Method> OTHERS = List.of(
            new Method(
                    "pad",
                    "x: Tensor, like: Tensor",
                    """
                        k = torch.size(like, 2)
                        h = torch.remainder(torch.neg(torch.size(x, 2)), k)
                        w = torch.remainder(torch.neg(torch.size(x, 3)), k)
                        return torch.constant_pad_nd(x, [0, w, 0, h])
                    """),
            new Method(
                    "batchNorm",
                    "x: Tensor, w: Tensor, b: Tensor, m: Tensor, v: Tensor",
                    "    return torch.batch_norm(x, w, b, m, v, True, 0.1, 1e-05, False)\n"),
            new Method(
                    "batchNormPlain",
                    "x: Tensor, m: Tensor, v: Tensor",
                    "    return torch.batch_norm(x, None, None, m, v, True, 0.1, 1e-05, False)\n"),
            new Method(
                    "batchNormEval",
                    "x: Tensor, w: Tensor, b: Tensor, m: Tensor, v: Tensor",
                    "    return torch.batch_norm(x, w, b, m, v, False, 0.1, 1e-05, False)\n"),
            new Method(
                    "batchNormPlainEval",
                    "x: Tensor, m: Tensor, v: Tensor",
                    "    return torch.batch_norm(x, None, None, m, v, False, 0.1, 1e-05, False)\n"),
            new Method(
                    "batchNormAgain",
                    "x: Tensor, w: Tensor, b: Tensor",
                    "    return torch.batch_norm(x, w, b, None, None, True, 0.1, 1e-05, False)\n"),
            new Method(
                    "batchNormPlainAgain",
                    "x: Tensor",
                    "    return torch.batch_norm(x, None, None, None, None, True, 0.1, 1e-05, False)\n"),
            new Method(
                    "channelMean",
                    "x: Tensor",
                    """
                        r = torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), -1])
                        return torch.mean(r, [0, 2])
                    """),
            new Method(
                    "channelSpread",
                    "x: Tensor, m: Tensor",
                    """
                        r = torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), -1])
                        d = torch.sub(r, torch.reshape(m, [1, -1, 1]))
                        return torch.mean(torch.mul(d, d), [0, 2])
                    """),
            new Method(
                    "batchNormShared",
                    "x: Tensor, m: Tensor, v: Tensor, w: Tensor, b: Tensor",
                    """
                        r = torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), -1])
                        s = torch.mul(w, torch.rsqrt(torch.add(v, 1e-05)))
                        d = torch.sub(r, torch.reshape(m, [1, -1, 1]))
                        y = torch.add(torch.mul(d, torch.reshape(s, [1, -1, 1])), torch.reshape(b, [1, -1, 1]))
                        return torch.reshape(y, torch.size(x))
                    """),
            new Method(
                    "batchNormSharedPlain",
                    "x: Tensor, m: Tensor, v: Tensor",
                    """
                        r = torch.reshape(x, [torch.size(x, 0), torch.size(x, 1), -1])
                        s = torch.rsqrt(torch.add(v, 1e-05))
                        d = torch.sub(r, torch.reshape(m, [1, -1, 1]))
                        return torch.reshape(torch.mul(d, torch.reshape(s, [1, -1, 1])), torch.size(x))
                    """),
            new Method(
                    "layerNorm",
                    "x: Tensor, w: Tensor, b: Tensor",
                    "    return torch.layer_norm(x, [torch.size(x, -1)], w, b, 1e-06)\n"),
            new Method("channelsLast", "x: Tensor", "    return torch.contiguous(x, memory_format=2)\n"),
            new Method("gelu", "x: Tensor", "    return torch.gelu(x)\n"),
            new Method("maxPool", "x: Tensor", "    return torch.max_pool2d(x, [3, 3], [2, 2], [1, 1])\n"),
            new Method("mean", "x: Tensor", "    return torch.mean(x, [2, 3])\n"),
            new Method(
                    "tokens",
                    "x: Tensor, c: Tensor, p: Tensor",
                    """
                        t = torch.transpose(torch.flatten(x, 2), 1, 2)
                        f = torch.expand(c, [torch.size(x, 0), -1, -1])
                        return torch.add(torch.cat([f, t], 1), p)
                    """),
            new Method(
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
            new Method(
                    "token",
                    "x: Tensor, like: Tensor",
                    "    return torch.select(x, 1, torch.sub(torch.size(like, 0), 1))\n"),
            new Method(
                    "normalised",
                    "x: Tensor",
                    """
                        l = torch.clamp_min(torch.linalg_vector_norm(x, 2, [1], True), 1e-12)
                        return torch.div(x, l)
                    """),
            new Method(
                    "contrast",
                    "p: Tensor, k: Tensor, labels: Tensor, t: Tensor",
                    """
                        s = torch.log_softmax(torch.div(torch.matmul(p, torch.t(k)), t), 1)
                        c = torch.neg(torch.mean(torch.gather(s, 1, labels)))
                        return torch.mul(c, torch.mul(t, 2.))
                    """),
            new Method(
                    "crossEntropy",
                    "x: Tensor, t: Tensor",
                    """
                        s = torch.sum(torch.mul(t, torch.log_softmax(x, 1)), [1])
                        return torch.neg(torch.mean(s))
                    """),
            new Method(
                    "deviation",
                    "x: Tensor",
                    """
                        l = torch.clamp_min(torch.linalg_vector_norm(x, 2, [1], True), 1e-12)
                        u = torch.div(x, l)
                        m = torch.mean(torch.mul(u, u), [0])
                        c = torch.mean(u, [0])
                        return torch.mean(torch.sqrt(torch.clamp_min(torch.sub(m, torch.mul(c, c)), 0.)))
                    """),
            new Method("add", "x: Tensor, y: Tensor", "    return torch.add(x, y)\n"),
            new Method("multiply", "x: Tensor, y: Tensor", "    return torch.mul(x, y)\n"),
            new Method("dot", "x: Tensor, y: Tensor", "    return torch.sum(torch.mul(x, y))\n"),
            new Method("relu", "x: Tensor", "    return torch.relu(x)\n"),
            new Method("detached", "x: Tensor", "    return torch.detach(x)\n"),
            new Method("norms", "g: List[Tensor]", "    return torch.stack(torch._foreach_norm(g))\n"),
            new Method(
                    "scale", "g: List[Tensor], by: Tensor", "    torch._foreach_mul_(g, float(by))\n    return by\n"),
            new Method("count", "g: List[Tensor]", "    torch._foreach_add_(g, 1)\n    return g[0]\n"),
            new Method("zero", "g: List[Tensor]", "    torch._foreach_zero_(g)\n    return g[0]\n"),
            new Method(
                    "average",
                    "a: List[Tensor], b: List[Tensor], by: Tensor",
                    """
                        torch._foreach_mul_(a, torch.sub(1., float(by)))
                        torch._foreach_add_(a, b, alpha=float(by))
                        return by
                    """),
            new Method("copy", "a: List[Tensor], b: List[Tensor]", "    torch._foreach_copy_(a, b)\n    return a[0]\n"),
            new Method(
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
            new Method(
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
            new Method(
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

    private TorchMethods() {}

    /**
     * One function.
     *
     * @param name as it is called
     * @param arguments names and types
     * @param body indented lines that end with a return
     */
    private record Method(String name, String arguments, String body) {
        String text() {
            return "  def " + name + "(self: __torch__.Ops,\n    " + arguments.replace(", ", ",\n    ")
                    + ") -> Tensor:\n" + body;
        }

        /** The same with every argument rounded first, and the result in single precision again. */
        Method in(Precision precision) {
            StringBuilder lines = new StringBuilder();
            for (String argument : arguments.split(", ")) {
                String variable = argument.substring(0, argument.indexOf(':'));
                lines.append("    ")
                        .append(variable)
                        .append(" = torch.to(")
                        .append(variable)
                        .append(", ")
                        .append(precision.code())
                        .append(")\n");
            }
            int result = body.indexOf("return ") + "return ".length();
            lines.append(body, 0, result)
                    .append("torch.to(")
                    .append(body.substring(result).strip())
                    .append(", ")
                    .append(Precision.FP32.code())
                    .append(")\n");
            return new Method(name + precision.suffix(), arguments, lines.toString());
        }
    }

    private static String conv(String bias, String stride, String padding) {
        return "    k = torch.size(w, 2)\n    p = torch.floordiv(k, 2)\n    return torch.conv2d(x, w, " + bias + ", "
                + stride + ", " + padding + ", [1, 1], 1)\n";
    }

    /** All functions as text. */
    static List<String> all() {
        List<Method> methods = new ArrayList<>(OTHERS);
        for (Precision precision : Precision.values()) {
            PRODUCTS.forEach(product -> methods.add(precision == Precision.FP32 ? product : product.in(precision)));
        }
        return methods.stream().map(Method::text).toList();
    }
}
