/** Tests of gRPC under contexts. */
@NullMarked
package io.github.context4j.spring.grpc;

import org.jspecify.annotations.NullMarked;
