module aegis/anchor

go 1.26.0
