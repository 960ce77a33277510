package app

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// cgroupLimit is where Linux says how much memory a container may take
// (https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files).
const cgroupLimit = "/sys/fs/cgroup/memory.max"

// memoryLimit returns how many bytes of memory this process may take: GOMEMLIMIT,
// or its container's limit if that is less; [math.MaxInt64] for no limit.
func memoryLimit() int64 { return min(debug.SetMemoryLimit(-1), limitIn(cgroupLimit)) }

// limitIn reads a limit, which is "max" for none. Where there is no such file
// there is no such limit.
func limitIn(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return math.MaxInt64
	}
	limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return math.MaxInt64
	}
	return limit
}
