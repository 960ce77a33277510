package measure

import (
	"math"
	"slices"
	"time"
)

// Latency is how long something took, in milliseconds.
type Latency struct {
	Samples int     `json:"samples"`
	Mean    float64 `json:"mean_ms"`
	P50     float64 `json:"p50_ms"`
	P90     float64 `json:"p90_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`
}

// latencyOf sums samples up; they are sorted by it. Without any it is zero.
func latencyOf(samples []time.Duration) Latency {
	if len(samples) == 0 {
		return Latency{}
	}
	slices.Sort(samples)
	var sum time.Duration
	for _, s := range samples {
		sum += s
	}
	return Latency{
		Samples: len(samples),
		Mean:    milliseconds(sum) / float64(len(samples)),
		P50:     milliseconds(percentile(samples, 50)),
		P90:     milliseconds(percentile(samples, 90)),
		P99:     milliseconds(percentile(samples, 99)),
		Max:     milliseconds(samples[len(samples)-1]),
	}
}

// percentile returns the least of the sorted samples that p percent of them do
// not exceed: the nearest rank, which is a sample that there was.
func percentile(sorted []time.Duration, p float64) time.Duration {
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
