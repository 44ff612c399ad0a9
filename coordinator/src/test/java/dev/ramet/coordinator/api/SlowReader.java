package dev.ramet.coordinator.api;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;

/** A caller that reads when it wants to. */
final class SlowReader<M> extends ServerCallStreamObserver<M> {
  final List<M> got = new ArrayList<>();
  boolean ready = true;
  boolean completed;
  boolean failed;
  private Runnable onReady = () -> {};
  Runnable cancel = () -> {};

  void becomeReady() {
    ready = true;
    onReady.run();
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void onNext(M message) {
    got.add(message);
  }

  @Override
  public void onError(Throwable error) {
    failed = true;
  }

  @Override
  public void onCompleted() {
    completed = true;
  }

  @Override
  public void setOnReadyHandler(Runnable handler) {
    onReady = handler;
  }

  @Override
  public void setOnCancelHandler(Runnable handler) {
    cancel = handler;
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public void setCompression(String compression) {}

  @Override
  public void disableAutoInboundFlowControl() {}

  @Override
  public void request(int count) {}

  @Override
  public void setMessageCompression(boolean enable) {}
}
