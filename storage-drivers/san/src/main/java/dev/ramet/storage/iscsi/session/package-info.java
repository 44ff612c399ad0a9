/**
 * The least of an iSCSI initiator (RFC 7143): a login, one question, a logout.
 *
 * <p>It tells who a LUN is and why a target does not let us in, in bounded time and before anything
 * is set up for it. It carries no data and must not know what becomes of its answers.
 */
@NullMarked
package dev.ramet.storage.iscsi.session;

import org.jspecify.annotations.NullMarked;
