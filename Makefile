# Chốt: everything that is done with it. `make help` lists the targets.

SHELL  := /bin/bash
GO     ?= go
# The kiosk draws with OpenGL ES, as a Raspberry Pi does; it also builds in half the time.
TAGS   := -tags gles
BUILD  := build
RUN    := run
CAMERA ?=
# What renders frames for bench-scanner, and how many an axis and level.
FRAMES ?= ../shared/tools/frames
N      ?= 10
export CHOT_TESTDATA ?= $(abspath ../shared/testdata)
# The UI formats for Vietnam; with LANG=C the toolkit complains.
export LANG := vi_VN.UTF-8
export FYNE_DISABLE_DPI_DETECTION := 1

# Debian packages, by the command or header that shows that they are there.
RUN_PACKAGES  := gcc libgl1-mesa-dev libgles2-mesa-dev libegl1-mesa-dev xorg-dev libxkbcommon-dev xvfb
TEST_PACKAGES := $(RUN_PACKAGES) xdotool x11-utils postgresql chromium fonts-dejavu-core

# Packages tested at a time: more than two cores, since some wait for processes.
AT_ONCE ?= 4

# Packages that leave a part of their tests out under the race detector, which
# would take too long over it.
UNRACED := ./ui ./store ./kiosk/credential/hcert ./kiosk/credential/deflate ./drivers/scanner ./drivers/printer ./deploy/testbed/demo ./deploy/province/internal/export ./deploy/province/internal/lab

PACKAGE_PACKAGES := mmdebstrap gcc-aarch64-linux-gnu lintian
IMAGE_PACKAGES   := mmdebstrap qemu-user-static binfmt-support squashfs-tools genimage mtools dosfstools e2fsprogs cpio kmod rauc grub-common openssl

TEST_IMAGE_PACKAGES := qemu-system-x86 qemu-system-arm qemu-utils ovmf qemu-efi-aarch64 nbdkit

# What packages and images are called, and the architectures they are for.
VERSION ?= 1.0.0
ARCHS   ?= amd64 arm64
# The architecture of the card that test-image tests.
CARD    ?= amd64

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 22

.PHONY: run
run: deps build ## province and one enrolled kiosk on the demo deck; CAMERA=/dev/video0 for a webcam
	@$(BUILD)/demo run --dir $(RUN) --bin $(BUILD) $(if $(CAMERA),--camera $(CAMERA))

.PHONY: build
build: ## the programs, into build/
	@mkdir -p $(BUILD)
	$(GO) build $(TAGS) -o $(BUILD)/ ./kiosk ./deploy/province ./deploy/kioskctl ./deploy/testbed/demo

# Shows results as they come and keeps what was skipped; see deploy/testbed/notrun.
NOTRUN := $(BUILD)/notrun

.PHONY: test
test: test-deps lint ## vet, staticcheck, and all tests with the race detector; ends by naming what did not run
	@mkdir -p $(BUILD) && $(GO) build -o $(NOTRUN) ./deploy/testbed/notrun
	@$(MAKE) --no-print-directory -j 2 test-raced test-unraced
	@$(NOTRUN) $(BUILD)/raced.json $(BUILD)/unraced.json

.PHONY: test-raced
test-raced: # only what has tests: the kiosk's main has none, and OpenGL's bindings take long to build
	set -o pipefail; tested=$$($(GO) list $(TAGS) -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./...) && \
	  $(GO) test $(TAGS) -json -vet off -race -p $(AT_ONCE) -timeout 20m $$tested | $(NOTRUN) -to $(BUILD)/raced.json

.PHONY: test-unraced
test-unraced:
	set -o pipefail; $(GO) test $(TAGS) -json -vet off $(UNRACED) | $(NOTRUN) -to $(BUILD)/unraced.json

.PHONY: bench-province
bench-province: test-deps build ## the server under a crowd of kiosks, against raw writes of the same rows
	$(GO) run ./deploy/province/load --server $(BUILD)/province

.PHONY: attack
attack: test-deps build ## attacks on the resources of the real server under its unit's memory limit, as a table
	CHOT_ATTACK=$(abspath $(BUILD)/province) $(GO) test -count=1 -timeout 5m -v -run TestResourceAttacks ./deploy/province | grep -vE '^=== '

.PHONY: bench-ui
bench-ui: test-deps build ## what the screen costs and how fast it is, of the real kiosk on a virtual display
	@set -o pipefail; CHOT_BENCH=1 CHOT_PROGRAMS=$(abspath $(BUILD)) $(GO) test $(TAGS) -count=1 -timeout 20m -v -run FiguresOfTheScreen ./deploy/testbed/endtoend | grep -E 'FIGURE|_test.go|^(ok|FAIL|---)'

.PHONY: bench-credentials
bench-credentials: ## a full check beside a bare verification of its signature, and the worst hostile code
	$(GO) test -run '^$$' -bench 'Check|Hostile' -benchtime 2s ./kiosk/credential/families
	$(GO) test -run '^$$' -bench Revoked ./kiosk/trust

.PHONY: conform-credentials
conform-credentials: ## the public suites of credentials: where we agree with them and where not
	$(GO) test -count 1 -v -run 'DGC|Samples|Examples|GDHCN' ./kiosk/credential/hcert ./kiosk/credential/shc ./kiosk/credential/nzcp ./kiosk/credential/vdsnc

TEXTS ?= 10000

.PHONY: differential-credentials
differential-credentials: ## TEXTS mutated texts a family read with ours and with npm's implementations; SEED=… repeats a run
	@command -v npm >/dev/null || { $(call install,nodejs npm); }
	@mkdir -p .cache/credential-peers && npm install --silent --no-audit --no-fund --omit=optional --prefix .cache/credential-peers @pathcheck/dcc-sdk@0.0.27 @pathcheck/shc-sdk@0.0.8 @vaxxnz/nzcp@1.1.1
	CHOT_PEERS=$(abspath .cache/credential-peers) CHOT_TEXTS=$(TEXTS) CHOT_SEED=$(SEED) $(GO) test -count=1 -v -timeout 60m -run Differential ./kiosk/credential/families

.PHONY: bench-store
bench-store: ## the journal against what the machine can do, as ratios
	@set -o pipefail; CHOT_BENCH=1 $(GO) test -count=1 -timeout 20m -v -run TestFigures ./store | grep -E 'FIGURE|figures_test|^(ok|FAIL|---)'

.PHONY: soak-store
soak-store: ## 2,000 power cuts, 200 kills, each byte of a journal flipped
	@set -o pipefail; CHOT_SOAK=1 CHOT_CUTS=2000 $(GO) test -count=1 -timeout 60m -v ./store/... | grep -E '_test.go:[0-9]+: .*(seed|cuts|lost|records|kills)|^(ok|FAIL)|--- FAIL'

KILLS ?= 200

.PHONY: soak-kills
soak-kills: test-deps ## KILLS kills of the real kiosk at random moments, with a real province; SEED=… repeats a run
	CHOT_KILLS=$(KILLS) CHOT_SEED=$(SEED) $(GO) test $(TAGS) -count=1 -timeout 120m -v -run NoKillLoses ./deploy/testbed/endtoend

.PHONY: test-windows
test-windows: test-deps build ## minutes with real windows: fingers declare and pool five, codes on a screen, all ways at once, an erasure
	CHOT_WINDOWS=1 CHOT_PROGRAMS=$(abspath $(BUILD)) $(GO) test $(TAGS) -count=1 -v -run 'Fingers|ABacklog|AllWays|WantsErased' ./deploy/testbed/endtoend

.PHONY: gallery
gallery: test-deps build ## renew the README's pictures of the real window, in ui/gallery
	@mkdir -p ui/gallery
	CHOT_WINDOWS=1 CHOT_GALLERY=$(abspath ui/gallery) CHOT_PROGRAMS=$(abspath $(BUILD)) $(GO) test $(TAGS) -count=1 -run 'Fingers|EachCode|ASheet' ./deploy/testbed/endtoend

VISITS ?= 10000

.PHONY: torment
torment: test-deps build ## N rounds (1) of frozen disks, hung displays, damaged files and kills for the real kiosk; SEED=… repeats a run
	CHOT_TORMENTS=$(or $(if $(filter file,$(origin N)),,$(N)),1) CHOT_SEED=$(SEED) CHOT_PROGRAMS=$(abspath $(BUILD)) $(GO) test $(TAGS) -count=1 -timeout 120m -v -run 'TestTorment$$' ./deploy/testbed/endtoend

.PHONY: soak-ui
soak-ui: test-deps build ## VISITS visits before the camera of the real kiosk; RATE=… pictures a second, 15 unless told
	@set -o pipefail; CHOT_VISITS=$(VISITS) CHOT_RATE=$(RATE) CHOT_PROGRAMS=$(abspath $(BUILD)) $(GO) test $(TAGS) -count=1 -timeout 180m -v -run VisitsLeaveNothing ./deploy/testbed/endtoend | grep -E 'FIGURE|_test.go|^(ok|FAIL|---)'

.PHONY: soak
soak: soak-store soak-kills soak-ui ## the long runs

FUZZTIME ?= 60s

# To how many lines labelled photographs are reduced; 0: as they are.
SIZES   ?= 640,1080,2160,0

RENDERED = $(BUILD)/frames-$(SEED)-$(N)

.PHONY: bench-scanner
bench-scanner: ## the scanner beside zxing-cpp (Debian's, npm's), ZBar and WeChat's: frames of SEED=…, N=… a level, photographs at SIZES=…
	@$(call install,g++ libzxing-dev libzbar-dev)
	@command -v npm >/dev/null || { $(call install,nodejs npm); }
	@mkdir -p .cache/peers && npm install --silent --no-audit --no-fund --prefix .cache/peers zxing-wasm qr-scanner-wechat
	@test -d $(FRAMES) || { echo "no frame renderer at $(FRAMES): set FRAMES"; exit 1; }
	@test -n "$(SEED)" || { echo "say SEED=…, a number"; exit 1; }
	@rm -rf $(BUILD)/frames-src && mkdir -p $(BUILD)/frames-src && cp $(FRAMES)/*.go $(FRAMES)/go.* $(BUILD)/frames-src/ && cd $(BUILD)/frames-src && $(GO) build -o ../frames .
	g++ -std=c++17 -O2 -DZX_USE_UTF8 drivers/scanner/compare/native/peers.cpp -o $(BUILD)/peers -lZXing -lzbar
	$(GO) build -tags peers -o $(BUILD)/bench-scanner ./drivers/scanner/compare
	@# A seed gives the same frames every time, and rendering them takes most of the time.
	test -d $(RENDERED) || { rm -rf $(RENDERED).part && $(BUILD)/frames -out $(RENDERED).part -n $(N) -seed $(SEED) \
	  -photos $(CHOT_TESTDATA)/qr/backgrounds -texts $(CHOT_TESTDATA)/hcert/dgc-testdata && mv $(RENDERED).part $(RENDERED); }
	$(BUILD)/bench-scanner -frames $(RENDERED) -samples $(CHOT_TESTDATA)/qr/zxing-cpp -labelled $(CHOT_TESTDATA)/qr/boofcv -sizes $(SIZES) \
	  $(BUILD)/peers "node drivers/scanner/compare/wasm/peers.mjs .cache/peers"

.PHONY: golden
golden: ## renew the golden pictures of every screen; look at what git says has changed
	$(GO) test $(TAGS) -count=1 -run TestEveryScreen ./ui -update

.PHONY: fuzz
fuzz: ## every fuzz test for FUZZTIME, 60s each unless told
	@set -e; for f in $$(grep -rl --include=*_test.go '^func Fuzz' drivers kiosk store deploy ui | sort); do \
	  for name in $$(grep -oE '^func Fuzz[A-Za-z0-9_]*' $$f | cut -c6-); do \
	    echo "== $$(dirname $$f) $$name"; \
	    $(GO) test $(TAGS) -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s ./$$(dirname $$f); \
	  done; done

.PHONY: mutate
mutate: ## how much the tests of PKG=kiosk/policy … notice: N=100 changed lines drawn by SEED=…; JOBS=2 at a time
	@test -n "$(PKG)" || { echo "say PKG=…, a package's folder, and SEED=…, a number"; exit 2; }
	@$(GO) run ./deploy/testbed/mutate -seed $(or $(SEED),1) -n $(if $(filter file,$(origin N)),100,$(N)) -jobs $(or $(JOBS),2) $(PKG)

.PHONY: lint
lint: ## gofmt, vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'run gofmt'; exit 1; }
	$(GO) vet $(TAGS) ./...
	$(GO) tool staticcheck $(TAGS) ./...

.PHONY: deps
deps: ## the Debian packages that building and running need
	@$(call install,$(RUN_PACKAGES))

.PHONY: test-deps
test-deps: ## the Debian packages that the tests need
	@$(call install,$(TEST_PACKAGES))

.PHONY: test-labels
test-labels: ## 500 persons' labels: rendered by zebrash, read by ZBar, compared with another encoder
	@$(call install,zbar-tools)
	@command -v npm >/dev/null || { $(call install,nodejs npm); }
	@mkdir -p .cache/labels && npm install --silent --no-audit --no-fund --prefix .cache/labels zpl-renderer-js @point-of-sale/receipt-printer-encoder
	CHOT_LABEL_JUDGES=$(abspath .cache/labels) CHOT_LABELS=$${CHOT_LABELS:-500} $(GO) test -v -count=1 -timeout 2h ./drivers/printer -run 'Judged|Stands|Dots|ReadBack'

.PHONY: test-bench
test-bench: ## the drivers and the appliance on virtual hardware, in a machine that QEMU emulates; TEST=… for some
	$(GO) run ./deploy/testbed/bench $(if $(TEST),-run '$(TEST)')

.PHONY: package
package: deps ## Debian packages of the kiosk and the province for ARCHS, into build/package; VERSION=…
	@$(call install,$(PACKAGE_PACKAGES))
	deploy/image/package.sh $(VERSION) $(ARCHS)
	lintian --fail-on error --allow-root $(BUILD)/package/*_$(VERSION)_*.deb

.PHONY: test-package
test-package: package ## install, upgrade, remove and purge them in a fresh Debian that systemd boots; as root
	@$(call install,systemd-container)
	deploy/image/test-package.sh $(VERSION)

.PHONY: image
image: package ## a kiosk's card and its release bundle for the last of ARCHS, into build/image; as root
	@$(call install,$(IMAGE_PACKAGES))
	deploy/image/image.sh $(VERSION) $(lastword $(ARCHS))

.PHONY: test-image
test-image: build ## a card's life in QEMU: provisioned, cut off, updated, rolled back; CARD=arm64 for a Pi's processor; as root, takes 20 minutes
	@$(call install,$(PACKAGE_PACKAGES) $(IMAGE_PACKAGES) $(TEST_IMAGE_PACKAGES))
	deploy/image/package.sh 1.0.0 $(CARD)
	deploy/image/image.sh 1.0.0 $(CARD)
	deploy/image/test-image.sh $(CARD) 1.1.0 1.2.0
	CHOT_CARD_ARCH=$(CARD) CHOT_CARD=$(abspath $(BUILD)/card/$(CARD)) CHOT_PROGRAMS=$(abspath $(BUILD)) $(GO) test -count=1 -timeout 180m -v ./deploy/testbed/card

.PHONY: clean
clean: ## what was built and what the demo wrote
	rm -rf $(BUILD) $(RUN)

# install PACKAGES: installs those that are missing, as root or by sudo.
define install
missing=$$(dpkg-query -W -f '$${Package} $${Status}\n' $(1) 2>/dev/null | awk '/ok installed/{print $$1}' | sort -u | comm -13 - <(printf '%s\n' $(1) | sort -u)); \
if [ -n "$$missing" ]; then \
  as=; [ "$$(id -u)" = 0 ] || as=sudo; \
  echo "installing" $$missing; \
  export DEBIAN_FRONTEND=noninteractive; \
  { $$as apt-get install -y -qq $$missing || { $$as apt-get update -qq && $$as apt-get install -y -qq $$missing; }; } >/dev/null \
    || { echo "could not install: $$missing" >&2; exit 1; }; \
fi
endef

.PHONY: soak-intake
soak-intake: ## 100,000 files of a simulated laboratory that knows the truth; N=1000 for fewer
	CHOT_SOAK_FILES=$(or $(N),100000) $(GO) test -run TestNothingUntrueIsEverFiled -timeout 5h -v ./deploy/province/internal/lab
