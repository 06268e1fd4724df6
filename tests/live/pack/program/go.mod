module example.com/app

go 1.18

require (
	example.com/evil v1.2.3 // gomodjail:confined
	example.com/friend v1.0.0
)

replace (
	example.com/evil => ./evil
	example.com/friend => ./friend
)
