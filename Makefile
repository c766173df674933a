# `make run` and `make test` do all set-up on a fresh Debian 12 with Swift installed.
.PHONY: run test build packages format lint clean

# What `make run` hands to `torii demo`: make run DEMO="--http 0.0.0.0:9000"
DEMO ?=

run: packages
	swift build -c release --product torii
	.build/release/torii demo $(DEMO)

test:
	Tests/Setup/install-packages test
	Tests/Setup/install-godot4
	Tests/Setup/install-libenet
	Tests/Setup/install-aioquic
	Tests/Setup/install-axe
	Tests/Setup/install-schemathesis
	Tests/Setup/install-checkers
	Tests/run

build: packages
	swift build -c release --product torii

packages:
	Tests/Setup/install-packages build

format:
	swift format --in-place --parallel --recursive Package.swift Sources Signaling Tests Benchmarks

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Signaling Tests Benchmarks

clean:
	rm -rf .build .cache
