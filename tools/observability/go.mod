module github.com/cafeforme/cafeforme/tools/observability

go 1.26.8

replace github.com/cafeforme/cafeforme => ../..

require github.com/cafeforme/cafeforme v0.0.0-00010101000000-000000000000

require github.com/prometheus/prometheus v0.316.0 // indirect
