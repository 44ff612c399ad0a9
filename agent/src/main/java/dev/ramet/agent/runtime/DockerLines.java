package dev.ramet.agent.runtime;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Cuts a container's two output streams into lines. */
final class DockerLines extends ResultCallback.Adapter<Frame> {
  private final LineCutter output;
  private final LineCutter errors;

  DockerLines(Consumer<String> output, Consumer<String> errors) {
    this.output = new LineCutter(output);
    this.errors = new LineCutter(errors);
  }

  @Override
  public void onNext(Frame frame) {
    (frame.getStreamType() == StreamType.STDERR ? errors : output).accept(frame.getPayload());
  }

  @Override
  public void onComplete() {
    output.end();
    errors.end();
    super.onComplete();
  }

  private static final class LineCutter {
    private final Consumer<String> lines;
    private final ByteArrayOutputStream partial = new ByteArrayOutputStream();

    LineCutter(Consumer<String> lines) {
      this.lines = lines;
    }

    synchronized void accept(byte[] payload) {
      int from = 0;
      for (int i = 0; i < payload.length; i++) {
        if (payload[i] == '\n' || payload[i] == '\r') {
          partial.write(payload, from, i - from);
          from = i + 1;
          end();
        }
      }
      partial.write(payload, from, payload.length - from);
    }

    synchronized void end() {
      if (partial.size() > 0) {
        lines.accept(partial.toString(StandardCharsets.UTF_8));
        partial.reset();
      }
    }
  }
}
