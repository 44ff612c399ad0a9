/**
 * Writers of tables, JSON and YAML, and numbers as people read them.
 *
 * <p>It knows nothing of clones or images: it writes maps, lists and plain values. Start-up time is
 * why it is not a library (docs/design/0005-cli-start-up.md).
 */
@NullMarked
package dev.ramet.cli.output;

import org.jspecify.annotations.NullMarked;
