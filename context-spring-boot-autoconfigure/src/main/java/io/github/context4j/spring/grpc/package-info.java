/** Calls of gRPC, to this process and from it, under contexts. Imports nothing of Spring gRPC: plain grpc-java will do. */
@NullMarked
package io.github.context4j.spring.grpc;

import org.jspecify.annotations.NullMarked;
