// SPDX-License-Identifier: Apache-2.0

// Prints what jail's Go-version table holds as the debug information of a Go program has it, a line "name=value" each:
//
//	dwarf FILE
//
// The names are those of struct go_layout (src/gobin/go_layout.h) and of constants.txt.
package main

import (
	"bytes"
	"debug/buildinfo"
	"debug/dwarf"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"strings"
)

// A field of a runtime type. Path goes through nested structs; where a release renamed the field, both names stand in it, separated
// by "|". Without a path it is the type's size.
type field struct{ name, typ, path string }

var fields = []field{
	{"g.stack_lo", "runtime.g", "stack.lo"},
	{"g.stack_hi", "runtime.g", "stack.hi"},
	{"g.m", "runtime.g", "m"},
	{"g.sched_sp", "runtime.g", "sched.sp"},
	{"g.sched_pc", "runtime.g", "sched.pc"},
	{"g.sched_bp", "runtime.g", "sched.bp"},
	{"g.syscallsp", "runtime.g", "syscallsp"},
	{"g.syscallpc", "runtime.g", "syscallpc"},
	{"g.goid", "runtime.g", "goid"},
	{"g.parent_goid", "runtime.g", "parentGoid"},
	{"g.gopc", "runtime.g", "gopc"},
	{"g.ancestors", "runtime.g", "ancestors"},
	{"m.g0", "runtime.m", "g0"},
	{"m.gsignal", "runtime.m", "gsignal"},
	{"m.curg", "runtime.m", "curg"},
	{"m.procid", "runtime.m", "procid"},
	{"moduledata.size", "runtime.moduledata", ""},
	{"moduledata.gofunc", "runtime.moduledata", "gofunc"},
	{"moduledata.pkghashes", "runtime.moduledata", "pkghashes"},
	{"moduledata.modulehashes", "runtime.moduledata", "modulehashes"},
	{"moduledata.next", "runtime.moduledata", "next"},
	{"func.size", "runtime._func", ""},
	{"func.func_id", "runtime._func", "funcID"},
	{"func.flag", "runtime._func", "flag"},
	{"func.nfuncdata", "runtime._func", "nfuncdata"},
	{"inlined.size", "runtime.inlinedCall", ""},
	{"inlined.name", "runtime.inlinedCall", "nameOff|func_"},
	{"inlined.parent_pc", "runtime.inlinedCall", "parentPc"},

	// The same in all versions: constants.txt.
	{"moduledata.pcHeader", "runtime.moduledata", "pcHeader"},
	{"moduledata.funcnametab", "runtime.moduledata", "funcnametab"},
	{"moduledata.pclntable", "runtime.moduledata", "pclntable"},
	{"moduledata.ftab", "runtime.moduledata", "ftab"},
	{"moduledata.minpc", "runtime.moduledata", "minpc"},
	{"moduledata.maxpc", "runtime.moduledata", "maxpc"},
	{"moduledata.text", "runtime.moduledata", "text"},
	{"moduledata.etext", "runtime.moduledata", "etext"},
	{"pcHeader.magic", "runtime.pcHeader", "magic"},
	{"pcHeader.minLC", "runtime.pcHeader", "minLC"},
	{"pcHeader.ptrSize", "runtime.pcHeader", "ptrSize"},
	{"pcHeader.nfunc", "runtime.pcHeader", "nfunc"},
	{"pcHeader.nfiles", "runtime.pcHeader", "nfiles"},
	{"pcHeader.funcnameOffset", "runtime.pcHeader", "funcnameOffset"},
	{"pcHeader.cuOffset", "runtime.pcHeader", "cuOffset"},
	{"pcHeader.filetabOffset", "runtime.pcHeader", "filetabOffset"},
	{"pcHeader.pctabOffset", "runtime.pcHeader", "pctabOffset"},
	{"pcHeader.pclnOffset", "runtime.pcHeader", "pclnOffset"},
	{"functab.size", "runtime.functab", ""},
	{"functab.entryoff", "runtime.functab", "entryoff"},
	{"functab.funcoff", "runtime.functab", "funcoff"},
	{"func.entryOff", "runtime._func", "entryOff|entryoff"},
	{"func.nameOff", "runtime._func", "nameOff|nameoff"},
	{"func.pcsp", "runtime._func", "pcsp"},
	{"func.pcfile", "runtime._func", "pcfile"},
	{"func.pcln", "runtime._func", "pcln"},
	{"func.npcdata", "runtime._func", "npcdata"},
	{"func.cuOffset", "runtime._func", "cuOffset"},
	{"ancestorInfo.size", "runtime.ancestorInfo", ""},
	{"ancestorInfo.pcs", "runtime.ancestorInfo", "pcs"},
	{"ancestorInfo.goid", "runtime.ancestorInfo", "goid"},
	{"ancestorInfo.gopc", "runtime.ancestorInfo", "gopc"},
}

// Constants of the runtime, with the names that they have had.
var constants = []struct {
	name     string
	upstream []string
}{
	{"func_id_wrapper", []string{"internal/abi.FuncIDWrapper", "runtime.funcID_wrapper"}},
	{"ancestor_frames", []string{"runtime.tracebackInnerFrames", "runtime._TracebackMaxFrames"}},
	{"PCDATA_InlTreeIndex", []string{"internal/abi.PCDATA_InlTreeIndex", "runtime._PCDATA_InlTreeIndex"}},
	{"FUNCDATA_InlTree", []string{"internal/abi.FUNCDATA_InlTree", "runtime._FUNCDATA_InlTree"}},
	{"FuncFlagTopFrame", []string{"internal/abi.FuncFlagTopFrame", "runtime.funcFlag_TOPFRAME"}},
	{"FuncFlagSPWrite", []string{"internal/abi.FuncFlagSPWrite", "runtime.funcFlag_SPWRITE"}},
	{"FuncFlagAsm", []string{"internal/abi.FuncFlagAsm", "runtime.funcFlag_ASM"}},
}

const absent = -1

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: dwarf FILE")
	}
	file, err := elf.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	data, err := file.DWARF()
	if err != nil {
		log.Fatal(err)
	}
	structs, values := read(data)

	fmt.Printf("minor=%d\n", minor(os.Args[1]))
	fmt.Printf("pcln_magic=%#x\n", magic(file))
	for _, f := range fields {
		typ := structs[f.typ]
		if typ == nil {
			log.Fatalf("%s: no debug information on %s", os.Args[1], f.typ)
		}
		fmt.Printf("%s=%d\n", f.name, offset(typ, f.path))
	}
	for _, c := range constants {
		value := int64(absent)
		for _, name := range c.upstream {
			if v, ok := values[name]; ok {
				value = v
			}
		}
		fmt.Printf("%s=%d\n", c.name, value)
	}
}

// Collects the struct types that fields names, and all integer constants.
func read(data *dwarf.Data) (map[string]*dwarf.StructType, map[string]int64) {
	wanted := map[string]bool{}
	for _, f := range fields {
		wanted[f.typ] = true
	}
	structs := map[string]*dwarf.StructType{}
	values := map[string]int64{}
	for reader := data.Reader(); ; {
		entry, err := reader.Next()
		if err != nil {
			log.Fatal(err)
		}
		if entry == nil {
			return structs, values
		}
		name, _ := entry.Val(dwarf.AttrName).(string)
		switch {
		case entry.Tag == dwarf.TagConstant:
			if value, ok := entry.Val(dwarf.AttrConstValue).(int64); ok {
				values[name] = value
			}
		case entry.Tag == dwarf.TagStructType && wanted[name]:
			typ, err := data.Type(entry.Offset)
			if err != nil {
				log.Fatal(err)
			}
			structs[name] = typ.(*dwarf.StructType)
		}
	}
}

// The offset of the field that path leads to, or the size.
func offset(typ *dwarf.StructType, path string) int64 {
	if path == "" {
		return typ.ByteSize
	}
	var at int64
	for _, names := range strings.Split(path, ".") {
		f := find(typ, strings.Split(names, "|"))
		if f == nil {
			return absent
		}
		at += f.ByteOffset
		typ, _ = underlying(f.Type).(*dwarf.StructType)
	}
	return at
}

func find(typ *dwarf.StructType, names []string) *dwarf.StructField {
	if typ == nil {
		return nil
	}
	for _, f := range typ.Field {
		for _, name := range names {
			if f.Name == name {
				return f
			}
		}
	}
	return nil
}

func underlying(typ dwarf.Type) dwarf.Type {
	for {
		typedef, ok := typ.(*dwarf.TypedefType)
		if !ok {
			return typ
		}
		typ = typedef.Type
	}
}

// N of the go1.N that built the file.
func minor(path string) int {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	var n int
	if _, err := fmt.Sscanf(info.GoVersion, "go1.%d", &n); err != nil {
		log.Fatalf("%s: built by %q", path, info.GoVersion)
	}
	return n
}

// The first word of .gopclntab.
func magic(file *elf.File) uint32 {
	section := file.Section(".gopclntab")
	if section == nil {
		log.Fatal("no .gopclntab")
	}
	header := make([]byte, 4)
	if _, err := section.ReadAt(header, 0); err != nil {
		log.Fatal(err)
	}
	var word uint32
	binary.Read(bytes.NewReader(header), file.ByteOrder, &word)
	return word
}
