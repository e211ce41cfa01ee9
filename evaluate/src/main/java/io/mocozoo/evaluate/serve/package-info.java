/** A model behind HTTP: {@link io.mocozoo.evaluate.serve.ModelServer}, on the JDK's own server. */
@NullMarked
package io.mocozoo.evaluate.serve;

import org.jspecify.annotations.NullMarked;
