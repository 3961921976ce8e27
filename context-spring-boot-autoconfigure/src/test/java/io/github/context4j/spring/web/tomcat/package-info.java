@NullMarked
package io.github.context4j.spring.web.tomcat;

import org.jspecify.annotations.NullMarked;
