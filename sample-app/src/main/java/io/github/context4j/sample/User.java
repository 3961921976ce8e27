package io.github.context4j.sample;

/** Someone who may read reports. */
record User(long id, String name, String email) {}
