.PHONY: run build check test kernels fuzz bench screenshots

run: ## serve the page on http://localhost:8080
	go run .

build: ## one binary, nothing else needed
	go build -trimpath .

check: ## the checks that take seconds
	tools/test quick

test: ## every check and test; gets what it needs on Debian
	tools/test

kernels: ## every demo on Debian's kernels 6.1 and 6.12, under QEMU; writes docs/kernels.md
	tools/kernels -doc

fuzz: ## every fuzz target for FUZZTIME (20s)
	tools/fuzz

bench: ## the playground beside a minimal bridge and websockify, as a table
	go run ./bench

screenshots: ## the README's picture, of a connection in the Lab as the browser test plays it
	mkdir -p docs
	SCREENSHOTS=$(CURDIR)/docs go test -count=1 -run TestLabSlowMotion ./e2e
