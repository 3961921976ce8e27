// Package benchmarks has the operations of the JMH benchmarks in Go, under the same names.
package benchmarks

import (
	"context"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

const timeout = 30 * time.Second

type key int

// Results go here, so that none is optimized away.
var (
	sinkErr   error
	sinkValue any
)

func liveParent(b *testing.B) context.Context {
	parent, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	return parent
}

// armOthers arms timers of others, due 20 to 60 s from now.
func armOthers(b *testing.B, count int) {
	for i := 0; i < count; i++ {
		due := 20*time.Second + 40*time.Second*time.Duration(i)/time.Duration(count)
		_, cancel := context.WithTimeout(context.Background(), due)
		b.Cleanup(cancel)
	}
}

func BenchmarkCancel(b *testing.B) {
	measure(b, func(n int) {
		for i := 0; i < n; i++ {
			_, cancel := context.WithCancel(context.Background())
			cancel()
		}
	})
}

func BenchmarkCancelUnderALiveParent(b *testing.B) {
	parent := liveParent(b)
	measure(b, func(n int) {
		for i := 0; i < n; i++ {
			_, cancel := context.WithCancel(parent)
			cancel()
		}
	})
}

func BenchmarkTimeout(b *testing.B) {
	for _, live := range []int{40, 4_000, 400_000} {
		b.Run(strconv.Itoa(live), func(b *testing.B) {
			armOthers(b, live)
			measure(b, func(n int) {
				for i := 0; i < n; i++ {
					_, cancel := context.WithTimeout(context.Background(), timeout)
					cancel()
				}
			})
		})
	}
}

func BenchmarkTimeoutUnderALiveParent(b *testing.B) {
	b.Run("40", func(b *testing.B) {
		armOthers(b, 40)
		parent := liveParent(b)
		measure(b, func(n int) {
			for i := 0; i < n; i++ {
				_, cancel := context.WithTimeout(parent, timeout)
				cancel()
			}
		})
	})
}

func BenchmarkRequest(b *testing.B) {
	b.Run("40", func(b *testing.B) {
		armOthers(b, 40)
		measure(b, func(n int) {
			for i := 0; i < n; i++ {
				request, cancelRequest := context.WithCancel(context.Background())
				_, cancel := context.WithTimeout(request, timeout)
				cancel()
				cancelRequest()
			}
		})
	})
}

func BenchmarkState(b *testing.B) {
	parent := liveParent(b)
	measure(b, func(n int) {
		for i := 0; i < n; i++ {
			sinkErr = parent.Err()
		}
	})
}

func BenchmarkOnDoneAndStop(b *testing.B) {
	parent := liveParent(b)
	measure(b, func(n int) {
		for i := 0; i < n; i++ {
			stop := context.AfterFunc(parent, func() {})
			stop()
		}
	})
}

func BenchmarkGet(b *testing.B) {
	for _, depth := range []int{10, 100} {
		b.Run(strconv.Itoa(depth), func(b *testing.B) {
			innermost := context.Background()
			for i := 0; i < depth; i++ {
				innermost = context.WithValue(innermost, key(i), "value")
			}
			measure(b, func(n int) {
				for i := 0; i < n; i++ {
					sinkValue = innermost.Value(key(0))
				}
			})
		})
	}
}

func BenchmarkCancelAll(b *testing.B) {
	for _, children := range []int{10, 100, 1_000, 10_000, 100_000} {
		b.Run(strconv.Itoa(children), func(b *testing.B) { cancelTrees(b, children, false) })
	}
	b.Run("chain", func(b *testing.B) { cancelTrees(b, 1_000, true) })
}

// cancelTrees builds in each round trees of 10,000 descendants in all, or one larger tree, and measures canceling them.
func cancelTrees(b *testing.B, descendants int, chain bool) {
	var total cost
	cancels := make([]context.CancelFunc, max(1, 10_000/descendants))
	for i := 0; i < b.N; i++ {
		for j := range cancels {
			root, cancel := context.WithCancel(context.Background())
			parent := root
			for k := 0; k < descendants; k++ {
				child, _ := context.WithCancel(parent) // ends with its root
				if chain {
					parent = child
				}
			}
			cancels[j] = cancel
		}
		total.add(func() {
			for _, cancel := range cancels {
				cancel()
			}
		})
	}
	total.report(b, b.N, 1)
}

func BenchmarkThreeTasks(b *testing.B) {
	task := func() error { return nil }
	measure(b, func(n int) {
		for i := 0; i < n; i++ {
			group, _ := errgroup.WithContext(context.Background())
			group.Go(task)
			group.Go(task)
			group.Go(task)
			sinkErr = group.Wait()
		}
	})
}
