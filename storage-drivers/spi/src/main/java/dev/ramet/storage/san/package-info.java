/**
 * What Ramet and a storage array, and an array's volume and the host that uses it, have to say to
 * each other.
 *
 * <p>Two things are kept apart. A {@link dev.ramet.storage.san.StorageArray} speaks to an array and
 * knows its vendor, and never runs a command on a host. A {@link dev.ramet.storage.san.LunDriver}
 * logs a host in to a target and knows iSCSI, and never a vendor. Between them goes one value, the
 * {@link dev.ramet.storage.san.LunAddress}. Depends on nothing but the JDK.
 */
@NullMarked
package dev.ramet.storage.san;

import org.jspecify.annotations.NullMarked;
