/**
 * Hosts as iSCSI initiators: the {@code iscsi} driver, whose volumes are LUNs of arrays.
 *
 * <p>It owns sessions, devices and mounts of LUNs on this host, and finds them again in what the
 * kernel and the initiator's processes tell. It knows iSCSI and must not know any array's vendor,
 * nor who calls it.
 */
@NullMarked
package dev.ramet.storage.iscsi;

import org.jspecify.annotations.NullMarked;
