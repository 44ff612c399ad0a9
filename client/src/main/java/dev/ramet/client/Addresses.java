package dev.ramet.client;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * The coordinators' addresses as gRPC's name resolution sees them: {@code
 * ramet:///host:port,host:port}. The channel goes through them in order until one answers. Literal
 * addresses are not looked up, which also spares the start of the DNS resolver.
 */
final class Addresses extends NameResolverProvider {
  static final int DEFAULT_PORT = 9440;
  private static final String SCHEME = "ramet";

  /** Its first use makes the scheme known to gRPC, once. */
  private static final class Registered {
    private static final Addresses PROVIDER = new Addresses();

    static {
      NameResolverRegistry.getDefaultRegistry().register(PROVIDER);
    }
  }

  /** Checks what a user gave, and fills in the port where there is none. */
  static List<String> parse(String servers) {
    return Arrays.stream(servers.split(",", -1)).map(Addresses::one).toList();
  }

  private static String one(String text) {
    String address = text.strip();
    boolean bare = address.startsWith("[") ? address.endsWith("]") : address.indexOf(':') < 0;
    String full = bare ? address + ":" + DEFAULT_PORT : address;
    String port = full.substring(full.lastIndexOf(':') + 1);
    String host = full.substring(0, full.lastIndexOf(':'));
    boolean good =
        port.matches("[0-9]{1,5}")
            && Integer.parseInt(port) >= 1
            && Integer.parseInt(port) <= 65535
            && (host.matches("[A-Za-z0-9._-]+") || host.matches("\\[[0-9A-Fa-f:.%a-z]+]"));
    if (!good) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no server address: give host:port, as in 127.0.0.1:" + DEFAULT_PORT);
    }
    return full;
  }

  /** What a channel takes for these addresses. */
  static String target(List<String> addresses) {
    return Registered.PROVIDER.getDefaultScheme()
        + ":///"
        + String.join(",", addresses).replace("[", "%5B").replace("]", "%5D");
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 0; // below DNS, so that nobody else's default scheme changes
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return List.of(InetSocketAddress.class);
  }

  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    return new Resolver(parse(target.getPath().substring(1)), args);
  }

  private static final class Resolver extends NameResolver {
    private final List<String> addresses;
    private final Args args;
    private Listener2 listener = new Unstarted();

    Resolver(List<String> addresses, Args args) {
      this.addresses = addresses;
      this.args = args;
    }

    @Override
    public String getServiceAuthority() {
      return addresses.get(0);
    }

    @Override
    public void start(Listener2 resolved) {
      listener = resolved;
      refresh();
    }

    @Override
    public void refresh() {
      if (addresses.stream().allMatch(Resolver::isLiteral)) {
        listener.onResult2(resolve());
        return;
      }
      Thread lookUp =
          new Thread(
              () -> {
                ResolutionResult result = resolve();
                args.getSynchronizationContext().execute(() -> listener.onResult2(result));
              },
              "ramet-resolve");
      lookUp.setDaemon(true);
      lookUp.start();
    }

    @Override
    public void shutdown() {}

    private static boolean isLiteral(String address) {
      return address.startsWith("[") || address.matches("[0-9.]+:[0-9]+");
    }

    private ResolutionResult resolve() {
      List<EquivalentAddressGroup> groups = new ArrayList<>();
      List<String> unknown = new ArrayList<>();
      for (String address : addresses) {
        int colon = address.lastIndexOf(':');
        int port = Integer.parseInt(address.substring(colon + 1));
        try {
          for (InetAddress ip : InetAddress.getAllByName(address.substring(0, colon))) {
            groups.add(new EquivalentAddressGroup(new InetSocketAddress(ip, port)));
          }
        } catch (UnknownHostException e) {
          unknown.add(address.substring(0, colon));
        }
      }
      StatusOr<List<EquivalentAddressGroup>> found =
          groups.isEmpty()
              ? StatusOr.fromStatus(
                  Status.UNAVAILABLE.withDescription(
                      "host name not known: " + String.join(", ", unknown)))
              : StatusOr.fromValue(groups);
      return ResolutionResult.newBuilder().setAddressesOrError(found).build();
    }

    /** Before start nobody listens. */
    private static final class Unstarted extends Listener2 {
      @Override
      public void onResult(ResolutionResult result) {}

      @Override
      public void onError(Status error) {}
    }
  }
}
