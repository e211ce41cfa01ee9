package io.mocozoo.checkpoint;

import io.mocozoo.checkpoint.PickleValues.Mark;
import java.util.Arrays;

/** The stack of a pickle machine with its marks, and the memo; both bounded. */
final class PickleStack {
    /** A pickle asked for what is not there, or for more than it may have. */
    static final class Misuse extends Exception {
        private static final long serialVersionUID = 1L;

        Misuse(String problem) {
            super(problem, null, false, false);
        }
    }

    private final int stackLimit;
    private final int memoLimit;
    private Object[] stack = new Object[64];
    private int size;
    private Object[] memo = new Object[64];
    private int memoized;

    PickleStack(int stackLimit, int memoLimit) {
        this.stackLimit = stackLimit;
        this.memoLimit = memoLimit;
    }

    void push(Object value) throws Misuse {
        if (size == stackLimit) {
            throw new Misuse("more than " + stackLimit + " values on the stack of a pickle (ReadLimits.pickleStack)");
        }
        if (size == stack.length) {
            stack = Arrays.copyOf(stack, Math.min(stackLimit, 2 * size));
        }
        stack[size++] = value;
    }

    Object pop() throws Misuse {
        Object value = peek();
        size--;
        return value;
    }

    /** POP takes a mark as well. */
    void discard() throws Misuse {
        if (size == 0) {
            throw new Misuse("the stack is empty");
        }
        size--;
    }

    Object peek() throws Misuse {
        if (size == 0 || stack[size - 1] == Mark.MARK) {
            throw new Misuse("a value is missing on the stack");
        }
        return stack[size - 1];
    }

    /** Everything above the topmost mark, which goes too. */
    Object[] popToMark() throws Misuse {
        int mark = size - 1;
        while (mark >= 0 && stack[mark] != Mark.MARK) {
            mark--;
        }
        if (mark < 0) {
            throw new Misuse("a mark is missing on the stack");
        }
        Object[] values = Arrays.copyOfRange(stack, mark + 1, size);
        size = mark;
        return values;
    }

    void memoize(Object value) throws Misuse {
        memoize(memoized, value);
    }

    void memoize(long slot, Object value) throws Misuse {
        if (slot < 0 || slot >= memoLimit) {
            throw new Misuse("memo slot " + slot + "; expected 0 to " + (memoLimit - 1));
        }
        int index = (int) slot;
        if (index >= memo.length) {
            memo = Arrays.copyOf(memo, (int) Math.min(memoLimit, Math.max(2L * memo.length, slot + 1)));
        }
        if (memo[index] == null) {
            memoized++;
        }
        memo[index] = value;
    }

    Object recall(long slot) throws Misuse {
        if (slot < 0 || slot >= memo.length || memo[(int) slot] == null) {
            throw new Misuse("memo slot " + slot + " was never filled");
        }
        return memo[(int) slot];
    }
}
