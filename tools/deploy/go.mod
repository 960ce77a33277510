module github.com/cafeforme/cafeforme/tools/deploy

go 1.26.0

replace github.com/cafeforme/cafeforme => ../..

require github.com/cafeforme/cafeforme v0.0.0
