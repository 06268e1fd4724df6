module example.com/shop

go 1.18

require example.com/evil v1.2.3 // gomodjail:confined

replace example.com/evil v1.2.3 => ./evil
