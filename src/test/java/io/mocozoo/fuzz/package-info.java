/**
 * Readers of strangers' files, fed with damaged ones. Each target takes bytes and must answer with a result or a format
 * exception, in bounded time and memory. {@link io.mocozoo.fuzz.MutationTest} drives the targets in every build with a
 * seeded mutator; {@link io.mocozoo.fuzz.CheckpointFuzzTest} lets Jazzer do it, guided by coverage.
 */
package io.mocozoo.fuzz;
