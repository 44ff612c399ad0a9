package dev.ramet.coordinator.arrays;

import dev.ramet.coordinator.fault.ErrorCode;
import dev.ramet.coordinator.store.Keys;
import dev.ramet.coordinator.store.Store;
import dev.ramet.coordinator.store.Versioned;
import dev.ramet.coordinator.store.View;
import dev.ramet.proto.store.v1.ArrayRecord;
import dev.ramet.proto.store.v1.ArraySecretRecord;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.san.ArraySettings;
import dev.ramet.storage.san.Chap;
import dev.ramet.storage.san.StorageArray;
import dev.ramet.storage.san.StorageArrayProvider;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The arrays of the records, ready to be spoken to. One is opened when it is first needed, and anew
 * when its record or its secrets have changed.
 *
 * <p>Threads: safe.
 */
public final class Arrays implements AutoCloseable {
  private static final String HMAC = "HmacSHA256";

  /** Characters: the longest that all targets take. */
  private static final int SECRET = 16;

  private final Map<String, StorageArrayProvider> providers = new TreeMap<>();
  private final Store store;
  private final String installation;
  private final LongSupplier epoch;
  private final Map<String, Opened> opened = new ConcurrentHashMap<>();

  private record Opened(Versioned<ArrayRecord> record, long secretRevision, StorageArray array) {}

  /**
   * @param installation by which drivers mark what is ours; empty: for looking only
   * @param epoch grows with each coordinator that leads
   */
  public Arrays(Store store, String installation, LongSupplier epoch) {
    this.store = store;
    this.installation = installation;
    this.epoch = epoch;
    ServiceLoader.load(StorageArrayProvider.class)
        .forEach(provider -> providers.put(provider.name(), provider));
  }

  /** The driver of this name. */
  public Optional<StorageArrayProvider> provider(String driver) {
    return Optional.ofNullable(providers.get(driver));
  }

  /** Names of the drivers that there are. */
  public List<String> drivers() {
    return List.copyOf(providers.keySet());
  }

  /**
   * One that need not be recorded; the caller closes it.
   *
   * @throws StorageException {@code INVALID_ARGUMENT} where it cannot be spoken to by these
   *     settings
   */
  public StorageArray open(String name, ArrayRecord record, Map<String, String> secrets) {
    StorageArrayProvider provider =
        provider(record.getDriver())
            .orElseThrow(() ->
                ErrorCode.ARRAY_UNUSABLE.exception(
                    "this coordinator has no array driver '%s', which array %s needs; it has %s"
                        .formatted(record.getDriver(), name, drivers())));
    return provider.open(
        new ArraySettings(
            name, record.getEndpoint(), record.getOptionsMap(), secrets, installation, epoch));
  }

  /** The array of a record. Not to be closed by the caller. */
  public StorageArray get(View view, String name) {
    Versioned<ArrayRecord> record = view.get(Keys.array(name)).orElseThrow(() -> missing(name));
    Optional<Versioned<ArraySecretRecord>> secret = store.get(Keys.arraySecret(name));
    long secretRevision = secret.map(Versioned::modRevision).orElse(0L);
    return opened
        .compute(
            name,
            (_, known) -> {
              if (known != null
                  && known.record().modRevision() == record.modRevision()
                  && known.secretRevision() == secretRevision) {
                return known;
              }
              if (known != null) {
                known.array().close();
              }
              Map<String, String> secrets =
                  secret.map(found -> found.value().getSecretsMap()).orElse(Map.of());
              return new Opened(record, secretRevision, open(name, record.value(), secrets));
            })
        .array();
  }

  /**
   * What a host shows an array: the same for as long as the array's record is there, and another
   * for every other host.
   */
  public Chap chap(String array, String host) {
    String key =
        store
            .get(Keys.arraySecret(array))
            .map(found -> found.value().getChapKey())
            .orElseThrow(() -> missing(array));
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.US_ASCII), HMAC));
      byte[] digest = mac.doFinal(host.getBytes(StandardCharsets.US_ASCII));
      String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
      return new Chap("ramet-" + array + "-" + host, secret.substring(0, SECRET));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static RuntimeException missing(String name) {
    return ErrorCode.ARRAY_NOT_FOUND.exception("there is no array '%s'".formatted(name));
  }

  @Override
  public void close() {
    opened.values().forEach(one -> one.array().close());
  }
}
