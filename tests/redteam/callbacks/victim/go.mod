module example.com/app

go 1.18

require (
	example.com/cobra v1.0.0 // gomodjail:confined jail:callbacks
	example.com/evil v1.2.3 // gomodjail:confined
	example.com/friend v1.0.0
	example.com/quiet v1.0.0 // gomodjail:confined jail:quiet fs.read
)

replace (
	example.com/cobra v1.0.0 => ./cobra
	example.com/evil v1.2.3 => ./evil
	example.com/friend v1.0.0 => ./friend
	example.com/quiet v1.0.0 => ./quiet
)
