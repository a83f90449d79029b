module ex.com/envf
go 1.24
