package io.github.context4j.sample;

import java.util.UUID;

/** Something that happened. */
record Event(UUID id, String type, String detail) {}
