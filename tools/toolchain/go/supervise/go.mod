module atlas.dev/supervise

go 1.26.0
