module example.com/app

go 1.18

require example.com/evil v0.0.0 // gomodjail:confined

replace example.com/evil => ./evil
