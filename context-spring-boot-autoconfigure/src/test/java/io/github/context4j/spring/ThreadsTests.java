package io.github.context4j.spring;
