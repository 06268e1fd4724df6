module example.com/dwarf

go 1.18
