/** The model cards: what models exist, where their weights lie, what they eat, what was published of them. */
@NullMarked
package io.mocozoo.registry;

import org.jspecify.annotations.NullMarked;
