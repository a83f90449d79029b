# The daily commands. None of them needs more than Go.
.PHONY: help build test quick lint ci

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

build: ## build ./hotdev
	go build -o hotdev ./cmd/hotdev

test: ## all tests
	go test -timeout 30m ./...

quick: ## the tests that take seconds
	go test ./engine ./config ./tui ./internal/...

lint: ## formatting, vet and linters
	bash .ci/run lint

ci: ## everything that has to pass before a change lands
	bash .ci/run
