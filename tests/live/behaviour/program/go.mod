module example.com/app

go 1.18

require (
	example.com/cobra v1.8.0
	example.com/evil v1.2.3
	example.com/friend v1.0.0
)

replace (
	example.com/cobra v1.8.0 => ./cobra
	example.com/evil v1.2.3 => ./evil
	example.com/friend v1.0.0 => ./friend
)
