module example.com/deeds

go 1.18
