module example.com/friend

go 1.18
