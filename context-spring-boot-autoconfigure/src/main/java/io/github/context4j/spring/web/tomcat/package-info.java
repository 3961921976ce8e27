/**
 * Sees on Tomcat's NIO connector that the client of an HTTP/1.1 request has left, in clear text and over TLS, with
 * public and protected API of Tomcat only. Nothing but its auto-configuration names this package.
 */
@NullMarked
package io.github.context4j.spring.web.tomcat;

import org.jspecify.annotations.NullMarked;
