/**
 * What of a clone, an image, a host or an operation is shown, as a tree for JSON and YAML and as
 * text for people. The trees are the schema that {@code docs/cli.md} promises: keys are added,
 * never renamed.
 */
@NullMarked
package dev.ramet.cli.view;

import org.jspecify.annotations.NullMarked;
