module github.com/context4j/benchmarks

go 1.21

require golang.org/x/sync v0.10.0
