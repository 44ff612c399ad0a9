package dev.ramet.agent.instance;

import java.time.Duration;

/** A step of a start and how long it took. Names: "prepare", "create", "start", "ready", "user". */
public record TimedStep(String name, Duration elapsed) {}
