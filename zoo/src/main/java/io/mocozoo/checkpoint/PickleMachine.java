package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleStack.Misuse;
import io.mocozoo.checkpoint.PickleValues.Global;
import io.mocozoo.checkpoint.PickleValues.Inert;
import io.mocozoo.checkpoint.PickleValues.Mark;
import io.mocozoo.checkpoint.PickleValues.None;
import io.mocozoo.checkpoint.PickleValues.Opaque;
import io.mocozoo.checkpoint.PickleValues.PyDict;
import io.mocozoo.checkpoint.PickleValues.PyList;
import io.mocozoo.checkpoint.PickleValues.PyTuple;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Runs a pickle of protocol 0 to 5 as data. No recursion, no hashing of containers, no class lookup, no call: REDUCE and
 * its kin ask {@link PickleObjects} what a name would have made. Every loop is bounded by the bytes and by
 * {@link ReadLimits}.
 *
 * @see <a href="https://github.com/python/cpython/blob/3.13/Lib/pickletools.py">pickletools, the opcodes' definition</a>
 */
final class PickleMachine {
    private final PickleInput in;
    private final PickleObjects objects;
    private PickleStack stack;
    private int instructions;
    private int at; // where the instruction that runs begins

    /**
     * A machine for one or more pickles that follow each other and share a budget of instructions.
     *
     * @param base where position 0 of {@code bytes} lies in the file or entry, for messages
     */
    PickleMachine(ByteBuffer bytes, PickleObjects objects, Where where, ReadLimits limits, long base) {
        this.in = new PickleInput(bytes, where, limits, base);
        this.objects = objects;
        this.stack = new PickleStack(0, 0); // each run has its own
    }

    /** Bytes read so far. */
    int position() {
        return in.position();
    }

    /** Runs one pickle, with a stack and a memo of its own, to its STOP and returns its value. */
    Object run() throws CheckpointFormatException {
        stack = new PickleStack(in.limits().pickleStack(), in.limits().pickleInstructions());
        while (true) {
            at = in.position();
            int opcode = in.u1();
            if (++instructions > in.limits().pickleInstructions()) {
                throw in.problem(
                        at,
                        "more than " + in.limits().pickleInstructions()
                                + " pickle instructions; raise ReadLimits.pickleInstructions if the file is trusted");
            }
            try {
                if (opcode == '.') {
                    return stack.pop();
                }
                if (!value(opcode) && !structure(opcode)) {
                    throw new Misuse("0x" + Integer.toHexString(opcode) + " is no instruction that a checkpoint uses");
                }
            } catch (Misuse e) {
                throw in.problem(
                        at,
                        e.getMessage() + "; the pickle is damaged or was not written by torch.save."
                                + " Fetch it again, or convert it to safetensors");
            }
        }
    }

    /** Instructions that push a constant. */
    private boolean value(int opcode) throws CheckpointFormatException, Misuse {
        switch (opcode) {
            case 'N' -> stack.push(None.NONE);
            case 0x88 -> stack.push(true);
            case 0x89 -> stack.push(false);
            case 'K' -> stack.push((long) in.u1());
            case 'M' -> stack.push((long) in.u2());
            case 'J' -> stack.push((long) in.i4());
            case 0x8a -> stack.push(in.integer(in.u1()));
            case 0x8b -> stack.push(in.integer(in.u4()));
            case 'G' -> stack.push(in.bigEndianDouble());
            case 'I', 'L' -> stack.push(decimal(in.line()));
            case 'F' -> stack.push(real(in.line()));
            case 'S' -> stack.push(unquoted(in.line()));
            case 'V' -> stack.push(in.line());
            case 'U', 0x8c -> stack.push(in.text(in.u1()));
            case 'T', 'X' -> stack.push(in.text(in.u4()));
            case 0x8d -> stack.push(in.text(in.u8()));
            case 'C' -> stack.push(objects.bytes(in.view(in.u1())));
            case 'B' -> stack.push(objects.bytes(in.view(in.u4())));
            case 0x8e, 0x96 -> stack.push(objects.bytes(in.view(in.u8())));
            case ')' -> stack.push(new PyTuple());
            case ']', 0x8f -> stack.push(new PyList());
            case '}' -> stack.push(new PyDict());
            default -> {
                return false;
            }
        }
        return true;
    }

    /** Instructions that work on the stack and the memo. */
    private boolean structure(int opcode) throws CheckpointFormatException, Misuse {
        switch (opcode) {
            case '(' -> stack.push(Mark.MARK);
            case '0' -> stack.discard();
            case '1' -> stack.popToMark();
            case '2' -> stack.push(stack.peek());
            case 'p' -> stack.memoize(slot(in.line()), stack.peek());
            case 'q' -> stack.memoize(in.u1(), stack.peek());
            case 'r' -> stack.memoize(in.u4(), stack.peek());
            case 0x94 -> stack.memoize(stack.peek());
            case 'g' -> stack.push(stack.recall(slot(in.line())));
            case 'h' -> stack.push(stack.recall(in.u1()));
            case 'j' -> stack.push(stack.recall(in.u4()));
            case 't', 0x91 -> stack.push(new PyTuple(stack.popToMark()));
            case 0x85 -> stack.push(tuple(1));
            case 0x86 -> stack.push(tuple(2));
            case 0x87 -> stack.push(tuple(3));
            case 'l' -> {
                PyList list = new PyList();
                append(list, stack.popToMark());
                stack.push(list);
            }
            case 'd' -> {
                PyDict dict = new PyDict();
                put(dict, stack.popToMark());
                stack.push(dict);
            }
            case 'a' -> {
                Object item = stack.pop();
                append(stack.peek(), item);
            }
            case 'e', 0x90 -> {
                Object[] items = stack.popToMark();
                append(stack.peek(), items);
            }
            case 's' -> {
                Object value = stack.pop();
                Object key = stack.pop();
                put(stack.peek(), key, value);
            }
            case 'u' -> {
                Object[] pairs = stack.popToMark();
                put(stack.peek(), pairs);
            }
            case 'P' -> stack.push(objects.persistent(in.line(), in.here(at)));
            case 'Q' -> stack.push(objects.persistent(stack.pop(), in.here(at)));
            case 0x80 -> protocol(in.u1());
            case 0x95 -> in.u8(); // a frame's length: advice for buffering
            default -> {
                return object(opcode);
            }
        }
        return true;
    }

    /** Instructions that name something, or would call it. */
    private boolean object(int opcode) throws CheckpointFormatException, Misuse {
        switch (opcode) {
            case 'c' -> stack.push(objects.global(in.line(), in.line(), in.here(at)));
            case 0x93 -> {
                Object name = stack.pop();
                Object module = stack.pop();
                if (!(name instanceof String n && module instanceof String m)) {
                    throw new Misuse("a global is named by two strings, found " + PickleValues.describe(module)
                            + " and " + PickleValues.describe(name));
                }
                stack.push(objects.global(m, n, in.here(at)));
            }
            case 'R', 0x81 -> {
                Object arguments = stack.pop();
                stack.push(call(stack.pop(), arguments));
            }
            case 0x92 -> {
                stack.pop(); // keyword arguments
                Object arguments = stack.pop();
                stack.push(call(stack.pop(), arguments));
            }
            case 'i' -> {
                Global global = objects.global(in.line(), in.line(), in.here(at));
                stack.push(call(global, new PyTuple(stack.popToMark())));
            }
            case 'o' -> {
                Object[] parts = stack.popToMark();
                if (parts.length == 0) {
                    throw new Misuse("an object without a class");
                }
                stack.push(call(parts[0], new PyTuple(Arrays.copyOfRange(parts, 1, parts.length))));
            }
            case 'b' -> {
                stack.pop(); // state of an object: nothing here has any that matters
                stack.peek();
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private Object call(Object callable, Object arguments) throws CheckpointFormatException, Misuse {
        if (!(arguments instanceof PyTuple tuple)) {
            throw new Misuse("arguments are a tuple, found " + PickleValues.describe(arguments));
        }
        if (callable instanceof Global global) {
            return objects.reduce(global, tuple, in.here(at));
        }
        if (callable instanceof Inert inert) {
            return inert;
        }
        throw new Misuse("only a global can be called, found " + PickleValues.describe(callable));
    }

    private PyTuple tuple(int size) throws Misuse {
        Object[] items = new Object[size];
        for (int i = size - 1; i >= 0; i--) {
            items[i] = stack.pop();
        }
        return new PyTuple(items);
    }

    private static void append(Object target, Object... items) throws Misuse {
        if (target instanceof PyList list) {
            for (Object item : items) {
                list.add(item);
            }
        } else if (!(target instanceof Inert)) {
            throw new Misuse("only a list is appended to, found " + PickleValues.describe(target));
        }
    }

    private static void put(Object target, Object... pairs) throws Misuse {
        if (pairs.length % 2 != 0) {
            throw new Misuse("a key without a value");
        }
        if (target instanceof PyDict dict) {
            for (int i = 0; i < pairs.length; i += 2) {
                dict.put(pairs[i], pairs[i + 1]);
            }
        } else if (!(target instanceof Inert)) {
            throw new Misuse("only a dict takes keys, found " + PickleValues.describe(target));
        }
    }

    private static void protocol(int version) throws Misuse {
        if (version > 5) {
            throw new Misuse("pickle protocol " + version + "; expected 0 to 5");
        }
    }

    private static long slot(String line) throws Misuse {
        return decimal(line) instanceof Long slot ? slot : -1;
    }

    /** Protocol 0 writes bools as 00 and 01, and a long with an L behind it. */
    private static Object decimal(String line) throws Misuse {
        if (line.equals("00") || line.equals("01")) {
            return line.equals("01");
        }
        try {
            String digits = line.endsWith("L") ? line.substring(0, line.length() - 1) : line;
            return PickleInput.shortest(new BigInteger(digits));
        } catch (NumberFormatException e) {
            throw new Misuse("'" + Where.clip(line) + "' is no integer");
        }
    }

    private static Double real(String line) throws Misuse {
        try {
            return Double.valueOf(line);
        } catch (NumberFormatException e) {
            throw new Misuse("'" + Where.clip(line) + "' is no number");
        }
    }

    private static Object unquoted(String line) {
        return line.length() < 2 ? new Opaque(line.length()) : line.substring(1, line.length() - 1);
    }
}
