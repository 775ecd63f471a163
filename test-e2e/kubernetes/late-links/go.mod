module aegis/late-links

go 1.26.0
