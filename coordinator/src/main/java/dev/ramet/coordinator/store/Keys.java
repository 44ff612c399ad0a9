package dev.ramet.coordinator.store;

import dev.ramet.coordinator.names.WarmName;
import dev.ramet.proto.store.v1.ArrayRecord;
import dev.ramet.proto.store.v1.ArraySecretRecord;
import dev.ramet.proto.store.v1.CloneRecord;
import dev.ramet.proto.store.v1.HostRecord;
import dev.ramet.proto.store.v1.ImageRecord;
import dev.ramet.proto.store.v1.OperationRecord;
import dev.ramet.proto.store.v1.PortRecord;
import dev.ramet.proto.store.v1.RevisionRecord;
import dev.ramet.proto.store.v1.SaveRecord;
import dev.ramet.proto.store.v1.SecretRecord;
import dev.ramet.proto.v1.HostReport;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * All keys, in one place. A name that is no DNS label (1 to 63 of a-z, 0-9 and '-', beginning and
 * ending with a letter or digit) is refused with {@link IllegalArgumentException}, so that no name
 * can reach out of its place; the API checks names before and answers with better words.
 */
public final class Keys {
  /** What all keys of this version begin with. */
  public static final String ROOT = "/ramet/v1/";

  static final String ELECTIONS = ROOT + "leader/";

  /** The installation's id, made once, by whoever first wants to lead. */
  static final String INSTALLATION = ROOT + "installation";

  /** See {@link Session}. */
  static final String SESSION = ROOT + "session";

  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final long MAX_REVISION = 999_999_999_999L;

  private Keys() {}

  public static Key<ImageRecord> image(String name) {
    return Kind.IMAGE.key(label(name));
  }

  /** Numbers are written with 12 digits, so that keys sort as numbers do. */
  public static Key<RevisionRecord> revision(String image, long number) {
    if (number < 1 || number > MAX_REVISION) {
      throw new IllegalArgumentException("a revision is 1 to " + MAX_REVISION + ", not " + number);
    }
    return Kind.REVISION.key(label(image), String.format(Locale.ROOT, "%012d", number));
  }

  /** Of a clone that somebody has, or of one in a warm pool: '~' and a label. */
  public static Key<CloneRecord> clone(String name) {
    return WarmName.is(name)
        ? Kind.CLONE.key(WarmName.of(label(WarmName.uid(name))))
        : Kind.CLONE.key(label(name));
  }

  public static Key<SaveRecord> save(String cloneUid, String name) {
    return Kind.SAVE.key(label(cloneUid), label(name));
  }

  public static Key<ArrayRecord> array(String name) {
    return Kind.ARRAY.key(label(name));
  }

  public static Key<ArraySecretRecord> arraySecret(String array) {
    return Kind.ARRAY_SECRET.key(label(array));
  }

  public static Key<HostRecord> host(String name) {
    return Kind.HOST.key(label(name));
  }

  public static Key<HostReport> hostAlive(String name) {
    return Kind.HOST_ALIVE.key(label(name));
  }

  public static Key<PortRecord> port(String host, int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("a port is 1 to 65535, not " + port);
    }
    return Kind.PORT.key(label(host), Integer.toString(port));
  }

  public static Key<OperationRecord> operation(String id) {
    return Kind.OPERATION.key(label(id));
  }

  public static Key<SecretRecord> secret(String operation) {
    return Kind.SECRET.key(label(operation));
  }

  static String election(String name) {
    return ELECTIONS + label(name);
  }

  /** The first key after all that begin with this prefix. */
  static String endOf(String prefix) {
    int last = prefix.length() - 1;
    return prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
  }

  private static String label(String name) {
    if (!LABEL.matcher(name).matches()) {
      throw new IllegalArgumentException("\"" + name + "\" is no DNS label");
    }
    return name;
  }
}
