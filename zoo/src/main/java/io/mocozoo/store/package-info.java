/**
 * The cache folder: what was downloaded and converted, whole, checked and kept for the next time. The front door is
 * {@link io.mocozoo.store.Store}; anyone may look into the folder:
 *
 * <pre>
 * weights/&lt;owner&gt;/&lt;file&gt;            a downloaded file, or one put there by hand
 * weights/&lt;owner&gt;/&lt;file&gt;.json       its digest, size, time and address; touched at every use
 * weights/&lt;owner&gt;/&lt;file&gt;.part       a download under way or broken off, and in .part.json what it is part of
 * onnx/&lt;key&gt;/                       converted files, and in store.json their digests
 * onnx/.&lt;key&gt;.making/               being converted
 * digests/                          digests of files that lie elsewhere
 * locks/                            an empty file for each thing somebody once worked on
 * </pre>
 *
 * <p>It exists because no library downloads with resumption, digests, mirrors and locks between processes in one.
 */
@NullMarked
package io.mocozoo.store;

import org.jspecify.annotations.NullMarked;
