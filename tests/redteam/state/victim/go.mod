module example.com/app

go 1.18

require example.com/evil v1.2.3 // gomodjail:confined

replace example.com/evil v1.2.3 => ./evil
