module example.com/tracee

go 1.19

require example.com/idle v0.0.0 // gomodjail:confined

replace example.com/idle => ./idle
