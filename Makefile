# Two commands: `make demo` serves the demo portal, `make test` runs every test. Both fetch what they need at pinned
# versions; only rustup with cargo, Node >= 20.19 and the package registries are assumed.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:

# Tools are built once per version, outside the tree, and shared by every clone.
TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/itero-dpms/tools
RUST_VERSION := $(shell awk -F'"' '/^channel/ { print $$2 }' rust-toolchain.toml)
WASM_BINDGEN_VERSION := $(shell awk '/^name = "wasm-bindgen"$$/ { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
CARGO_FUZZ_VERSION := 0.13.2
WASM_PACK_VERSION := 0.15.1
DENO_VERSION := 2.9.6
BUN_VERSION := 1.4.5
GECKODRIVER_VERSION := 0.37.1

WASM_BINDGEN := $(TOOLS)/wasm-bindgen-cli-$(WASM_BINDGEN_VERSION)
CARGO_FUZZ := $(TOOLS)/cargo-fuzz-$(CARGO_FUZZ_VERSION)
WASM_PACK := $(TOOLS)/wasm-pack-$(WASM_PACK_VERSION)
DENO := $(TOOLS)/deno-$(DENO_VERSION)
BUN := $(TOOLS)/bun-$(BUN_VERSION)
GECKODRIVER := $(TOOLS)/geckodriver-$(GECKODRIVER_VERSION)

# The runtimes that `make test` runs the package in; `make test-all` runs it in each.
RUNTIMES ?= node workerd chromium

# How long `make fuzz` looks at each decoder.
FUZZ_SECONDS ?= 60

export PATH := $(WASM_BINDGEN)/bin:$(WASM_PACK)/bin:$(DENO)/bin:$(BUN)/bin:$(GECKODRIVER)/bin:$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: demo edge build test check test-rust test-wasm test-package test-edge test-portal test-runtimes test-all \
  test-bundlers test-examples test-wasm-pack engines bench docs fuzz tools toolchain clean

## Builds everything and serves the demo portal with its sandbox on http://localhost:8080.
demo: www/dist/index.html
	vite preview www

## Runs the edge function on this machine, next to the sandbox, and shows one scan's travel.
edge: target/stamps/package
	node scripts/edge.mjs

## Leaves the publishable npm package in pkg/.
build: target/stamps/package

## Runs every test.
test: check test-rust test-wasm test-package test-edge test-portal test-runtimes

## Runs every test in every runtime and bundler, which takes Firefox, WebKit, Deno, Bun and wasm-pack as well.
test-all: RUNTIMES := node deno bun workerd chromium firefox webkit
test-all: engines test test-bundlers test-examples test-wasm-pack

check: target/stamps/package
	cargo fmt --check
	cargo clippy --all-targets --all-features -- --deny warnings
	cargo clippy --target wasm32-unknown-unknown --test client -- --deny warnings
	for feature in $(MODULES); do \
	  cargo clippy --target wasm32-unknown-unknown --no-default-features --features $$feature -- --deny warnings; \
	done
	RUSTDOCFLAGS="--deny warnings" cargo doc --no-deps --all-features
	node scripts/licences.mjs
	prettier --check .
	node scripts/words.mjs
	oxlint --deny-warnings pkg-template src scripts tests www docs examples
	tsc --project pkg-template
	tsc --noEmit --project www
	tsc --noEmit --project www/tsconfig.worker.json

test-rust:
	cargo test --all-features

# The same tests in Node and in Chromium. A runner that skips them all calls it a success, so their verdict is looked for.
test-wasm: tools target/stamps/browser
	CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner WASM_BINDGEN_USE_NODE_EXPERIMENTAL=1 \
	  cargo test --target wasm32-unknown-unknown --test client | tee target/node.log
	source target/stamps/browser && CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER="node tests/browser-runner.mjs" \
	  cargo test --target wasm32-unknown-unknown --test client | tee target/browser.log
	grep --quiet '^test result: ok' target/node.log
	grep --quiet '^test result: ok' target/browser.log

# Four files at a time: they wait more than they compute, unlike the portal's.
test-package: target/stamps/package
	node --test --test-concurrency=4 tests/js/{client,events,scan,examples,package}/*.test.mjs

test-edge: target/stamps/package
	node --test --test-concurrency=4 tests/js/edge/*.test.mjs

test-portal: www/dist/index.html target/stamps/browser
	source target/stamps/browser && node --test --test-concurrency=3 tests/js/portal/*.test.mjs tests/js/e2e/*.test.mjs

test-runtimes: www/dist/index.html target/stamps/browser
	source target/stamps/browser && RUNTIMES="$(RUNTIMES)" node --test tests/js/runtimes/*.test.mjs

test-bundlers: target/stamps/package target/stamps/browser tests/js/bundlers/node_modules/.installed
	source target/stamps/browser && node --test tests/js/bundlers/*.test.mjs

# Those that install a framework, which takes long; the others are in test-package.
test-examples: target/stamps/package target/stamps/browser
	source target/stamps/browser && node --test --test-concurrency=1 tests/js/example-pages/*.test.mjs

# As a Rust developer uses it, which leaves the package alone and downloads nothing.
test-wasm-pack: target/stamps/package $(WASM_PACK)/.installed
	rm -rf target/wasm-pack
	touch target/stamps/wasm-pack
	wasm-pack build --mode no-install --target web --out-dir target/wasm-pack
	node tests/wasm-pack.mjs
	wasm-pack test --mode no-install --node | tee target/wasm-pack.log
	grep --quiet '^test result: ok. [1-9]' target/wasm-pack.log
	test -z "$$(find pkg -newer target/stamps/wasm-pack)"

## Measures the client and the edge function beside their peers and prints the budgets: some nine minutes, on a machine that does nothing else.
bench: target/stamps/package target/stamps/browser tests/bench/node_modules/.installed
	source target/stamps/browser && node tests/bench/main.mjs

## Makes the API reference in target/docs, from the declarations that users get; the README is its front page.
docs: target/stamps/package
	docs/reference/node_modules/.bin/typedoc --options docs/reference/typedoc.config.js

## Looks further than the tests do for bytes that break a decoder, FUZZ_SECONDS each, and for values that break a property.
# Sanitizers are not stable: RUSTC_BOOTSTRAP has the pinned compiler take them.
fuzz: target/stamps/package $(CARGO_FUZZ)/.installed
	for decoder in $(notdir $(wildcard fuzz/corpus/* fuzz/scan-corpus/*)); do \
	  mkdir -p target/fuzz/found/$$decoder; \
	  RUSTC_BOOTSTRAP=1 PATH="$(CARGO_FUZZ)/bin:$$PATH" cargo fuzz run --target-dir target/fuzz $$decoder \
	    target/fuzz/found/$$decoder fuzz/*corpus/$$decoder -- -max_total_time=$(FUZZ_SECONDS); \
	done
	PROPTEST_RNG_SEED=$$RANDOM PROPTEST_CASES=1000000 cargo test --test fuzz
	SEED=$$RANDOM RUNS=2000 node --test tests/js/client/properties.test.mjs tests/js/client/poll-orders-drift.test.mjs

## Removes what the build made, not the tools.
clean:
	rm -rf pkg target www/dist node_modules docs/reference/node_modules tests/js/bundlers/node_modules tests/bench/node_modules

# --- what the targets above are made of ---

RUST := Cargo.toml Cargo.lock rust-toolchain.toml $(shell find src -type f)
DOCS := $(wildcard docs/*.md)
PACKAGE := $(shell find pkg-template -type f) README.md LICENSE-MIT LICENSE-APACHE $(DOCS)

MODULES := client webhook sandbox scan

# Those that have an entry with the module inside.
INLINE := client webhook sandbox

target/stamps/package: target/stamps/modules scripts/licences.mjs $(PACKAGE)
	find pkg -mindepth 1 -maxdepth 1 ! -name wasm -exec rm -r {} +
	cp -R pkg-template/. README.md LICENSE-MIT LICENSE-APACHE pkg/
	rm pkg/tsconfig.json pkg/build.d.ts
	node scripts/licences.mjs pkg/THIRD-PARTY-NOTICES.txt
	for module in $(INLINE); do \
	  echo "export default \"$$(gzip -9 -n < pkg/wasm/$$module/itero_dpms_bg.wasm | base64 | tr -d '\n')\";" > pkg/lib/$$module/base64.js; \
	done
	mkdir -p pkg/docs
	cp $(DOCS) pkg/docs/
	for entry in pkg/wasm/*; do \
	  echo "$${entry##*/}: $$(cat $$entry/*.wasm $$entry/*.js | gzip -9 | wc -c) bytes of .wasm and .js, gzip -9"; \
	done
	mkdir -p $(@D)
	touch $@

# The client and the edge function are built to be small, as Cargo.toml says. Nobody waits for the download of the others: they
# are built to be fast.
# After a trap, the next call gets a fresh instance.
BINDINGS_client := --experimental-reset-state-function
BINDINGS_webhook := --experimental-reset-state-function
BUILD_sandbox := CARGO_PROFILE_RELEASE_OPT_LEVEL=3
BUILD_scan := CARGO_PROFILE_RELEASE_OPT_LEVEL=3
# Two scans may be read by one instance where there is no worker: after a trap both get a fresh one.
BINDINGS_scan := --experimental-reset-state-function
# The others do without, for older engines.
RUSTFLAGS_scan := -C target-feature=+simd128
# Optimizing for size limits inlining to a cost of 50, but to 325 for what is marked `#[inline]`, as most of the standard library
# is. Here that makes nothing faster, and the module 8 KB larger.
RUSTFLAGS_webhook := -C llvm-args=-inlinehint-threshold=50
WASM_OPT_scan := --enable-simd

# What Cargo.toml has for wasm-pack. Inlining functions that are called once makes a module smaller but its gzip, which travels,
# larger, so they are ocimfs. The features are those that rustc turns on; naming them keeps encodings out that engines refuse.
WASM_OPT := $(shell awk -F'"' '/^wasm-opt = / { on = 1 } /^]/ { on = 0 } on { print $$2 }' Cargo.toml)

# Two lanes with a target folder each: cargo lets one build at a time use a folder, and half of one uses a single core. The second
# module of a lane finds the macros of its dependencies there, compiled.
LANE_sandbox := 1
LANE_client := 1
pkg/wasm/client/itero_dpms_bg.wasm: | pkg/wasm/sandbox/itero_dpms_bg.wasm
LANE_webhook := 2
LANE_scan := 2
pkg/wasm/scan/itero_dpms_bg.wasm: | pkg/wasm/webhook/itero_dpms_bg.wasm

target/stamps/modules: $(RUST) scripts/short-imports.mjs scripts/quiet-import.mjs scripts/declarations.mjs | tools
	$(MAKE) --jobs=2 --output-sync=target $(foreach module,$(MODULES),$(addprefix pkg/wasm/$(module)/itero_dpms,_bg.wasm .d.ts))
	mkdir -p $(@D)
	touch $@

# The JavaScript around a module is one small file. Its default export, which fetches the module, is left out: the entries
# do that their own way, and a bundler would ship what its `new URL` names even where nobody calls it. A panic's message
# names its source file: without the place where this machine keeps its crates.
pkg/wasm/%/itero_dpms_bg.wasm: $(RUST) scripts/short-imports.mjs scripts/quiet-import.mjs | tools
	cargo fetch --locked
	for sources in "$${CARGO_HOME:-$$HOME/.cargo}"/registry/src/* "$$(rustc --print sysroot)/lib/rustlib/src"; do \
	  RUSTFLAGS="$${RUSTFLAGS-} --remap-path-prefix=$$sources=crates"; \
	done; \
	export RUSTFLAGS="$${RUSTFLAGS-} $(RUSTFLAGS_$*)" CARGO_TARGET_DIR=$(or $(CARGO_TARGET_DIR),target)/modules/$(LANE_$*) $(BUILD_$*); \
	cargo build --release --target wasm32-unknown-unknown --no-default-features --features $*
	rm -rf target/bindings/wasm/$* $(@D)
	wasm-bindgen $(or $(CARGO_TARGET_DIR),target)/modules/$(LANE_$*)/wasm32-unknown-unknown/release/itero_dpms.wasm \
	  --target web --out-dir target/bindings/wasm/$* --remove-name-section --remove-producers-section $(BINDINGS_$*)
	rm target/bindings/wasm/$*/itero_dpms_bg.wasm.d.ts
	wasm-dis target/bindings/wasm/$*/$(@F) -o target/bindings/wasm/$*/itero_dpms.wat
	node scripts/short-imports.mjs target/bindings/wasm/$*/itero_dpms.wat target/bindings/wasm/$*/itero_dpms.js
	node scripts/quiet-import.mjs target/bindings/wasm/$*/itero_dpms.js
	mkdir -p $(@D)
	echo 'export * from "./itero_dpms.js";' > target/bindings/wasm/$*/named.js
	rolldown target/bindings/wasm/$*/named.js --file $(@D)/itero_dpms.js --format esm --minify
	wasm-opt $(WASM_OPT) $(WASM_OPT_$*) target/bindings/wasm/$*/itero_dpms.wat -o $@

pkg/wasm/%/itero_dpms.d.ts: pkg/wasm/%/itero_dpms_bg.wasm scripts/declarations.mjs
	node scripts/declarations.mjs target/bindings/wasm/$*/itero_dpms.d.ts $@

www/dist/index.html: target/stamps/package $(shell find www -type f -not -path 'www/dist/*')
	vite build www

tools: toolchain $(WASM_BINDGEN)/.installed node_modules/.installed

# Named, since not every rustup installs what rust-toolchain.toml asks for by itself.
toolchain:
	rustup show active-toolchain || rustup toolchain install $(RUST_VERSION) --profile minimal --component clippy,rustfmt
	rustup target add wasm32-unknown-unknown

# Nothing that is installed has much to do, so it is not optimized: that takes a third of the time.
INSTALL := CARGO_PROFILE_RELEASE_OPT_LEVEL=0 cargo install

# Not --locked: its lock file names a crate version that was withdrawn. Browsers are driven by HTTP, on this machine: no TLS is needed.
$(WASM_BINDGEN)/.installed: | toolchain
	$(INSTALL) wasm-bindgen-cli --version $(WASM_BINDGEN_VERSION) --no-default-features \
	  --bin wasm-bindgen --bin wasm-bindgen-test-runner --root $(@D)
	touch $@

$(CARGO_FUZZ)/.installed: | toolchain
	$(INSTALL) cargo-fuzz --version $(CARGO_FUZZ_VERSION) --locked --root $(@D)
	touch $@

$(WASM_PACK)/.installed: | toolchain
	$(INSTALL) wasm-pack --version $(WASM_PACK_VERSION) --locked --root $(@D)
	touch $@

# What only `make test-all` needs. A runtime that cannot be had here is skipped by the tests, which say so.
engines: $(DENO)/.installed $(BUN)/.installed $(GECKODRIVER)/.installed
	bash tests/browsers.sh

$(DENO)/.installed:
	npm install --global --prefix $(@D) deno@$(DENO_VERSION)
	touch $@

$(BUN)/.installed:
	npm install --global --prefix $(@D) bun@$(BUN_VERSION)
	touch $@

$(GECKODRIVER)/.installed: | toolchain
	$(INSTALL) geckodriver --version $(GECKODRIVER_VERSION) --locked --root $(@D)
	touch $@

# A lock of their own: `npm ci` for everything else stays as quick as it is.
tests/js/bundlers/node_modules/.installed: tests/js/bundlers/package.json tests/js/bundlers/package-lock.json
	npm ci --prefix $(<D)
	touch $@

# One of the peers asks for Node 22, but runs on 20: npm need not warn.
tests/bench/node_modules/.installed: tests/bench/package.json tests/bench/package-lock.json
	npm ci --prefix $(<D) --loglevel=error
	touch $@

# The package links to pkg/. npm wants to find it there, and links its command only if that is there too.
node_modules/.installed: package.json package-lock.json docs/reference/package.json pkg-template/package.json
	mkdir -p pkg
	cp -r pkg-template/package.json pkg-template/bin pkg/
	npm ci
	touch $@

target/stamps/browser: tests/browser.sh
	mkdir -p $(@D)
	bash $< > $@
