/** The context of a servlet request: created in a filter, ended when the client leaves or the deadline passes. */
@NullMarked
package io.github.context4j.spring.web;

import org.jspecify.annotations.NullMarked;
