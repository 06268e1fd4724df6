module example.com/hello

go 1.18

require example.com/idle v1.0.0 // gomodjail:confined

replace example.com/idle v1.0.0 => ./idle
