package dev.ramet.storage.linuxtarget;

import dev.ramet.storage.StorageError;
import dev.ramet.storage.StorageException;
import dev.ramet.storage.san.ArrayCapability;
import dev.ramet.storage.san.ArraySettings;
import dev.ramet.storage.san.StorageArray;
import dev.ramet.storage.san.StorageArrayProvider;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds Linux machines that are arrays. */
public final class LinuxTargetProvider implements StorageArrayProvider {
  static final Set<ArrayCapability> CAPABILITIES = EnumSet.allOf(ArrayCapability.class);
  private static final Pattern ENDPOINT =
      Pattern.compile("grpc://((?:\\[[0-9a-fA-F:.]+]|[A-Za-z0-9.-]+):[0-9]{1,5})/?");

  @Override
  public String name() {
    return "linux-target";
  }

  @Override
  public Set<ArrayCapability> capabilities() {
    return CAPABILITIES;
  }

  @Override
  public List<String> secrets() {
    return List.of();
  }

  @Override
  public StorageArray open(ArraySettings settings) {
    Matcher endpoint = ENDPOINT.matcher(settings.endpoint());
    if (!endpoint.matches()) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT,
          "'%s' is not where an agent is, as grpc://san-host:9445".formatted(settings.endpoint()));
    }
    if (!settings.options().isEmpty()) {
      throw new StorageException(
          StorageError.INVALID_ARGUMENT,
          "the driver linux-target knows no option %s".formatted(settings.options().keySet()));
    }
    return new LinuxTargetArray(endpoint.group(1), settings);
  }
}
