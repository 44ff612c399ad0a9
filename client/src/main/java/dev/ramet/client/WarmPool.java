package dev.ramet.client;

/**
 * Clones of an image's latest revision that run and wait, so that a create takes one instead of
 * making it.
 *
 * @param min how many wait at least, as far as the hosts have room for them
 * @param max how many wait at most; 0: min. Between the two as many as clones of the image were
 *     created in the last ten minutes
 * @param wanted how many are to wait now
 * @param ready how many wait now
 */
public record WarmPool(int min, int max, int wanted, int ready) {}
