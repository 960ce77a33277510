package measure

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// tick is the unit that Linux counts processor time in (proc(5), USER_HZ).
const tick = 10 * time.Millisecond

// Processes are the numbers of the running processes by what they are: server,
// worker, api, store, postgres. A number stands for its children too.
type Processes map[string][]int

// usage is the processor time so far, by what used it.
type usage map[string]time.Duration

// usage returns the processor time that the processes have used.
func (p Processes) usage() (usage, error) {
	all, err := readStats("/proc")
	if err != nil {
		return nil, err
	}
	if err := p.apart(all); err != nil {
		return nil, err
	}
	used := usage{}
	for role, pids := range p {
		for _, pid := range pids {
			if _, there := all[pid]; !there {
				return nil, fmt.Errorf("process %d was not found (%s)", pid, role)
			}
			used[role] += all.tree(pid)
		}
	}
	return used, nil
}

// apart fails when a process would be counted twice: as itself and as the child of
// another, or in two roles.
func (p Processes) apart(all stats) error {
	named := map[int]string{}
	for role, pids := range p {
		for _, pid := range pids {
			if other, twice := named[pid]; twice {
				return fmt.Errorf("process %d is named twice, as %s and as %s", pid, other, role)
			}
			named[pid] = role
		}
	}
	for pid, role := range named {
		for parent := all[pid].parent; parent > 0; parent = all[parent].parent {
			if other, counted := named[parent]; counted {
				return fmt.Errorf("process %d (%s) is below process %d (%s), and counted with it: name one of the two", pid, role, parent, other)
			}
		}
	}
	return nil
}

// since returns what was used after an earlier count, and in all.
func (u usage) since(earlier usage) (by usage, all time.Duration) {
	by = maps.Clone(u)
	for role := range by {
		by[role] -= earlier[role]
		all += by[role]
	}
	return by, all
}

// add adds what was used besides.
func (u usage) add(more usage) {
	for role, used := range more {
		u[role] += used
	}
}

// above returns what was used in that time beyond what a calm system uses in each
// second of it.
func (u usage) above(calm usage, took time.Duration) usage {
	more := usage{}
	for role, used := range u {
		more[role] = max(0, used-time.Duration(took.Seconds()*float64(calm[role])))
	}
	return more
}

// system returns the sum of all but the clients.
func (u usage) system() (all time.Duration) {
	for role, used := range u {
		if role != clientsRole {
			all += used
		}
	}
	return all
}

// resident returns the memory of the processes of a role in bytes, without that
// of their children.
func (p Processes) resident(role string) (bytes float64, err error) {
	for _, pid := range p[role] {
		statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if err != nil {
			return 0, fmt.Errorf("the memory of %s: %w", role, err)
		}
		fields := strings.Fields(string(statm))
		if len(fields) < 2 {
			return 0, fmt.Errorf("the memory of %s: %q is not what proc(5) describes", role, statm)
		}
		pages, err := strconv.Atoi(fields[1])
		if err != nil {
			return 0, fmt.Errorf("the memory of %s: %w", role, err)
		}
		bytes += float64(pages * os.Getpagesize())
	}
	return bytes, nil
}

// processStat is a line of /proc/PID/stat.
type processStat struct {
	parent int
	// used is the process's own time, and that of its children that have ended.
	used time.Duration
}

type stats map[int]processStat

// readStats reads every process under the folder.
func readStats(proc string) (stats, error) {
	files, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "stat"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no %s: processor time is measured on Linux only", proc)
	}
	all := stats{}
	for _, file := range files {
		line, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended since
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			return nil, err
		}
		if all[pid], err = parseStat(string(line)); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return all, nil
}

// parseStat reads what proc(5) describes: the fields after the name, which may
// hold anything, parentheses too.
func parseStat(line string) (s processStat, err error) {
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	if len(fields) < 15 {
		return s, fmt.Errorf("%q is not what proc(5) describes", line)
	}
	if s.parent, err = strconv.Atoi(fields[1]); err != nil {
		return s, err
	}
	for _, field := range fields[11:15] { // utime, stime, cutime, cstime
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return s, err
		}
		s.used += time.Duration(ticks) * tick
	}
	return s, nil
}

// tree returns the time of a process and of all below it.
func (all stats) tree(pid int) time.Duration {
	used := all[pid].used
	for child, s := range all {
		if s.parent == pid {
			used += all.tree(child)
		}
	}
	return used
}

// clientsRole is what the processor time of this process is accounted to: the
// clients of all loads. It is in no sum.
const clientsRole = "load generator"

// timestampedUsage is a look at the clock and at the processor time.
type timestampedUsage struct {
	at   time.Time
	used usage
}

func (s *session) take() (timestampedUsage, error) {
	now := timestampedUsage{at: time.Now()}
	processes := s.Processes()
	if len(processes) == 0 {
		return now, nil
	}
	var err error
	if now.used, err = processes.usage(); err != nil {
		return now, err
	}
	now.used[clientsRole], err = ownTime()
	return now, err
}

// ownTime returns the processor time of this process.
func ownTime() (time.Duration, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0, fmt.Errorf("the processor time of the clients: %w", err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), nil
}
