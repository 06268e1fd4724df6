module example.com/cobra

go 1.18
