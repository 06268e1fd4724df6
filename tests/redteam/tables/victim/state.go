// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

// field is the value of a line "NAME: VALUE".
func field(file, name string) string {
	data, _ := os.ReadFile(file)
	for _, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, name+":") {
			return strings.Join(strings.Fields(line[len(name)+1:]), " ")
		}
	}
	return ""
}

// stat is a field of /proc/PID/stat, counted as in proc_pid_stat(5).
func stat(pid, number int) string {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	end := bytes.LastIndexByte(data, ')')
	if fields := strings.Fields(string(data[end+1:])); len(fields) > number-3 {
		return fields[number-3]
	}
	return "gone"
}

func argStart(pid int) uintptr {
	number, _ := strconv.ParseUint(stat(pid, 48), 10, 64)
	return uintptr(number)
}

// ofThreads is a field of all threads' status: the different values.
func ofThreads(name string) string {
	seen := map[string]bool{}
	files, _ := filepath.Glob("/proc/self/task/*/status")
	for _, file := range files {
		seen[field(file, name)] = true
	}
	values := []string{}
	for value := range seen {
		values = append(values, value)
	}
	sort.Strings(values)
	return strings.Join(values, "|")
}

// state is a process's: S whether it is at work or asleep.
func state(target int) string {
	state := stat(target, 3)
	if state == "R" || state == "D" {
		state = "S"
	}
	return state
}

func show(when string, target int) {
	line := func(name, value string) { fmt.Printf("state %s %s=%s\n", when, name, value) }
	for _, name := range []string{"Uid", "Gid", "Groups", "CapEff", "Seccomp", "Seccomp_filters", "NoNewPrivs", "Cpus_allowed", "Umask"} {
		line(name, ofThreads(name))
	}
	directory, _ := os.Getwd()
	line("cwd", directory)
	for _, name := range []string{"net", "uts", "mnt", "user"} {
		links := map[string]bool{}
		files, _ := filepath.Glob("/proc/self/task/*/ns/" + name)
		for _, file := range files {
			link, _ := os.Readlink(file)
			links[link] = true
		}
		line("ns-"+name, fmt.Sprint(len(links), links))
	}
	limits := syscall.Rlimit{}
	_ = syscall.Getrlimit(syscall.RLIMIT_CORE, &limits)
	line("core", fmt.Sprint(limits))
	dumpable, _, _ := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_GET_DUMPABLE, 0, 0)
	line("dumpable", strconv.Itoa(int(dumpable)))
	session := stat(os.Getpid(), 6)
	line("session", session)
	line("group", stat(os.Getpid(), 5))

	line("target", state(target))
	line("target-tracer", field(fmt.Sprintf("/proc/%d/status", target), "TracerPid"))
	line("target-nice", stat(target, 19))
	line("target-policy", stat(target, 41))
	line("target-cpus", field(fmt.Sprintf("/proc/%d/status", target), "Cpus_allowed"))
	arguments, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", target))
	line("target-args", strconv.Quote(string(arguments)))
	limit, _ := os.ReadFile(fmt.Sprintf("/proc/%d/limits", target))
	for _, text := range strings.Split(string(limit), "\n") {
		if strings.HasPrefix(text, "Max core") {
			line("target-core", strings.Join(strings.Fields(text), " "))
		}
	}
}
