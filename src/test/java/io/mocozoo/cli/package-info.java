/** The command as a user meets it: words in, text and an exit code out. */
@NullMarked
package io.mocozoo.cli;

import org.jspecify.annotations.NullMarked;
