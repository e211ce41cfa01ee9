/**
 * The command {@code mocozoo}: {@link io.mocozoo.cli.Main} finds the word, each {@link io.mocozoo.cli.Command} does
 * one thing.
 */
@NullMarked
package io.mocozoo.cli;

import org.jspecify.annotations.NullMarked;
