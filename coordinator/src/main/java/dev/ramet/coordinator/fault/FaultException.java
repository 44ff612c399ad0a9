package dev.ramet.coordinator.fault;

/** Carries a {@link Fault} up to the edge that answers the caller. */
public final class FaultException extends RuntimeException {
  private final transient Fault fault;

  public FaultException(Fault fault) {
    super(fault.code() + ": " + fault.message());
    this.fault = fault;
  }

  public FaultException(Fault fault, Throwable cause) {
    super(fault.code() + ": " + fault.message(), cause);
    this.fault = fault;
  }

  public Fault fault() {
    return fault;
  }
}
