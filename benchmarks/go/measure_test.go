package benchmarks

import (
	"flag"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// threads is how many goroutines run the operation at once, each b.N times.
var threads = flag.Int("threads", 1, "goroutines that run each operation")

// cpuTime is the CPU time of this process so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

// cost adds up what the measured parts of a benchmark took.
type cost struct {
	wall, cpu time.Duration
	bytes     uint64
}

func (c *cost) add(op func()) {
	bytes, cpu, start := allocated(), cpuTime(), time.Now()
	op()
	c.wall += time.Since(start)
	c.cpu += cpuTime() - cpu
	c.bytes += allocated() - bytes
}

// report tells the cost of one of the rounds that each of the goroutines made. Wall time is what a goroutine waits, as
// JMH's average time is; CPU time and bytes are those of one operation.
func (c *cost) report(b *testing.B, rounds, goroutines int) {
	b.ReportAllocs() // else go test keeps the bytes to itself
	all := float64(rounds) * float64(goroutines)
	b.ReportMetric(float64(c.wall.Nanoseconds())/float64(rounds), "ns/op")
	b.ReportMetric(float64(c.cpu.Nanoseconds())/all, "cpu-ns/op")
	b.ReportMetric(float64(c.bytes)/all, "B/op")
}

// measure runs loop, which repeats the operation n times, on as many goroutines as the flag says.
func measure(b *testing.B, loop func(n int)) {
	b.ResetTimer()
	var total cost
	total.add(func() {
		var running sync.WaitGroup
		running.Add(*threads)
		for i := 0; i < *threads; i++ {
			go func() {
				defer running.Done()
				loop(b.N)
			}()
		}
		running.Wait()
	})
	total.report(b, b.N, *threads)
}
