# Parley. "make" or "make help" lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

NEED  := build/scripts/need.sh
BIN   := build/bin

# The window needs WebKitGTK 4.1 by name, and Wails asks for its own two tags. Server and core are static: no C at all.
DESKTOP_TAGS := desktop,production,webkit2_41
VERSION      := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS      := -s -w
STATIC       := CGO_ENABLED=0 go build -trimpath -ldflags "$(LDFLAGS)"
WINDOW       := CGO_ENABLED=1 go build -trimpath -tags $(DESKTOP_TAGS) -ldflags "$(LDFLAGS)"

STATICCHECK := go tool -modfile=build/tools.mod staticcheck

# What the interface is built from; a change in any of it builds the interface anew.
INTERFACE := $(shell find frontend/src frontend/public -type f 2>/dev/null) \
	$(wildcard frontend/*.json frontend/*.html frontend/vite.config.ts)

.PHONY: help demo test check build bench dev dist dist-check generate clean \
	server core window race unit e2e desktop-test soak fuzz

help: ## show this list
	@echo "Parley: make TARGET"
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  \1|\2/' | column -t -s'|'

## --- for newcomers -------------------------------------------------------------------------------------------------

demo: ## a server with a demo organisation and two desktops; installs what is missing; Ctrl-C ends it
	@$(NEED) go node modules desktop
	@$(MAKE) build
	@exec $(BIN)/parley-demo

test: ## everything: Go, interface, browsers, desktop windows; installs what is missing
	@$(NEED) go node modules test
	@$(MAKE) build
	go vet ./...
	go test ./...
	@$(MAKE) race unit e2e desktop-test

## --- for developers ------------------------------------------------------------------------------------------------

build: server core window ## all programs into build/bin
	@go build -o $(BIN)/parley-demo ./build/demo

server: frontend/dist/index.html ## the server into build/bin/parley-server
	@$(STATIC) -o $(BIN)/parley-server ./backend/cmd/parley-server

core: frontend/dist/index.html ## the desktop's core without a window into build/bin/parley-core
	@$(STATIC) -o $(BIN)/parley-core ./app/cmd/parley-core

window: frontend/dist/index.html ## the desktop program into build/bin/parley
	@$(NEED) go desktop
	@$(WINDOW) -o $(BIN)/parley .

frontend/dist/index.html: $(INTERFACE)
	@$(NEED) node modules
	@cd frontend && npm run --silent build -- --logLevel warn
	@touch $@

dist: ## what people install, into build/bin/dist: packages for Debian, an archive for Linux, an installer for Windows
	@$(NEED) go node modules dist
	@$(MAKE) server window
	@build/scripts/dist.sh $(DESKTOP_TAGS)

dist-check: dist ## install the packages, run what they brought, and remove them again; needs root
	@$(NEED) test
	@build/scripts/dist-check.sh

generate: ## the TypeScript types of the protocol from its Go source
	go run ./build/typescript

check: frontend/dist/index.html ## format, vet, static analysis, types, generated files, layers, every platform compiles
	@$(NEED) go node modules desktop
	@files=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$files" ] || { echo "gofmt would change: $$files"; exit 1; }
	go vet ./...
	go vet -tags desktoptest ./app
	$(STATICCHECK) ./...
	go run ./build/typescript -check
	go test -count=1 ./build/check
	cd frontend && npm run --silent check
	@build/scripts/compile-all.sh $(DESKTOP_TAGS)
	@echo "check: all well"

race: ## the Go tests of the concurrent packages with the race detector
	go test -race -short ./backend/hub/... ./backend/server/... ./app/...

unit: ## the interface's unit tests
	cd frontend && npm test --silent

e2e: server core ## the interface in real browsers against a real server
	cd frontend && npm run --silent e2e

desktop-test: server window ## two desktop windows on a virtual display against a real server
	go test -count=1 -tags desktoptest -run TestDesktop ./app

soak: ## the proofs of the promises at full length, their figures into docs/proof.md; 50 minutes, less with ONLY=TestKill
	@$(NEED) go test
	$(if $(ONLY),,PARLEY_SOAK=1 go test -count=1 -v -timeout 0 -run TestAgree ./backend/policy)
	PARLEY_SOAK=1 PARLEY_FIGURES=$(CURDIR)/docs/proof.md go test -count=1 -v -timeout 0 $(if $(ONLY),-run '$(ONLY)') ./build/proof | grep --line-buffered -v '^=== '

# What is looked for: package and target.
FUZZ := backend/chat:FuzzDecode backend/chat:FuzzCleanContent backend/chat:FuzzCleanName backend/wire:FuzzParseRequest \
	backend/wire:FuzzDecodeFrame backend/sheet:FuzzUsers backend/search:FuzzFind
FUZZTIME ?= 2m

fuzz: frontend/dist/index.html ## look for input that breaks what reads it; FUZZTIME=2m for each kind
	@$(NEED) go
	@for f in $(FUZZ); do echo "$$f"; go test ./$${f%%:*} -run '^$$' -fuzz "^$${f##*:}$$" -fuzztime $(FUZZTIME); done

bench: server ## what the server can take: pairs, rooms, idle connections, sign-ins, catching up
	$(BIN)/parley-server bench

dev: server ## the interface with live reload before a demo server; open the address it prints
	@$(NEED) go node modules
	@exec node build/scripts/dev.mjs

clean: ## remove what the builds left
	rm -rf $(BIN) build/.demo build/.shots
	find frontend/dist -mindepth 1 ! -name .gitkeep -delete
