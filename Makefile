# One set of commands, the same for a person and for CI. `make` alone lists them.

PYTHON ?= python3
VENV   ?= .venv
# More options for pytest: make test ARGS="-k agreement"
ARGS   ?=

# Files are UTF-8 whatever the machine's language.
export PYTHONUTF8 := 1

PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip --disable-pip-version-check --no-input install -qq --require-hashes
PYTEST := $(PY) -m pytest -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help html setup dev var registry run test test-sqlite test-postgresql lint format check messages lock bench trial drill audit licences sbom legs fuzz attack load

help: ## list the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "make %-17s %s\n", $$1, $$2}' Makefile

$(PY):
	@echo "Making $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

# Installed again only when the lock is another: its copy lies beside what it installed.
setup: $(PY)
	@cmp -s requirements.lock $(VENV)/requirements.lock || { \
	  echo "Installing what the registry needs ..." && \
	  $(PIP) -r requirements.lock && cp requirements.lock $(VENV)/; }

dev: setup
	@cmp -s requirements-dev.lock $(VENV)/requirements-dev.lock || { \
	  echo "Installing what the tests need ..." && \
	  $(PIP) -r requirements-dev.lock && cp requirements-dev.lock $(VENV)/; }

# The secret is written under another name first, so that an interrupted start leaves no half of one.
var: setup
	@mkdir -p var && test -s var/secret_key || { umask 077 && \
	  $(PY) -c 'import secrets; print(secrets.token_urlsafe(64))' > var/secret_key.new && \
	  mv var/secret_key.new var/secret_key; }

# The database as this code has it, with the papers in it if it was empty.
registry: setup var
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py load_fixtures --if-empty

run: registry ## serve the registry on http://127.0.0.1:8000 (another port: PORT=8001)
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	@address=http://127.0.0.1:$$($(PY) -c 'from eccp.settings import PORT; print(PORT)') && \
	  echo && \
	  echo "The registry: $$address/   (Ctrl+C ends it; the data stay in var/)" && \
	  echo "A curator's account for $$address/admin/ is made in another terminal with" && \
	  echo "    $(PY) manage.py createsuperuser" && \
	  echo
	@exec $(PY) -m gunicorn --config eccp/gunicorn.py

test: test-sqlite test-postgresql ## run all tests, on SQLite and on PostgreSQL

test-sqlite: dev ## run them on SQLite alone
	$(PYTEST) --database=sqlite $(ARGS)

test-postgresql: dev ## run them on PostgreSQL alone (a server of your own: TEST_DATABASE_URL=postgresql://...)
	$(PYTEST) --database=postgresql $(ARGS)

HTML_CHECKER := var/vnu/node_modules/vnu-jar/build/dist/vnu.jar
$(HTML_CHECKER):
	npm install --silent --no-fund --no-audit --prefix var/vnu vnu-jar@26.9.27

html: dev $(HTML_CHECKER) ## let the W3C's checker read every kind of page (needs Java and npm)
	$(PY) -m pytest --database=sqlite tests/portal/validate_html.py $(ARGS)

lint: dev ## look for mistakes and for what `make format` would change
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: dev ## put the code in order
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

check: setup var ## models without their migration, and Django's own checks for a public site
	$(PY) manage.py makemigrations --check --dry-run
	SITE_URL=https://registry.example.eu $(PY) manage.py check --deploy --fail-level WARNING

messages: setup var ## gather the interface's sentences for translation, and compile their translations (needs gettext)
	$(PY) manage.py makemessages --all --no-obsolete --no-wrap --add-location file \
	  --ignore $(notdir $(VENV)) --ignore var --ignore tests
	$(PY) manage.py compilemessages --ignore $(notdir $(VENV)) --ignore var

# How many partnerships; a million is measured without the typical stack, which takes minutes for one page of it.
SIZES ?= 1000 10000 100000
DATASETTE := $(VENV)-bench/bin/datasette
bench: dev var ## measure against the typical stack, Datasette and the limits (more: SIZES="100000 1000000")
	@test -x $(DATASETTE) || { $(PYTHON) -m venv $(VENV)-bench && $(VENV)-bench/bin/pip install --quiet \
	  $$($(PY) -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["bench"])'); } \
	  || echo "Datasette cannot be installed, so it is not measured."
	@$(PY) manage.py collectstatic --no-input --verbosity 0
	$(PY) -m tests.bench --sizes "$(SIZES)" --datasette $(DATASETTE) $(ARGS)

audit: dev ## known holes in what is installed (asks PyPI's advisory service)
	$(PY) .ci/audit.py

licences: dev ## the licence of everything that is installed
	$(PY) .ci/licences.py

sbom: dev ## what is installed, as a bill of materials (CycloneDX) in var/sbom.json
	@mkdir -p var
	$(VENV)/bin/cyclonedx-py requirements requirements.lock --output-reproducible --output-file var/sbom.json

# TRIAL=serving or TRIAL=losses for one of them. Needs Debian's postgresql-15, redis-server, nginx, wrk and openssl.
trial: setup var ## start the real programs on loopback, load, break and stop them; print what was proved
	$(PY) -m eccp.deploy.trial $(TRIAL)

drill: registry ## back the registry up, restore it in every way there is, and prove that nothing is lost
	$(PY) manage.py restore_drill

legs: ## run the tests on SQLite with each promised Python that is here, and with the next Django, which may fail
	.ci/legs ARGS="$(ARGS)"

# Each against a server and a database of its own, on loopback, for a bounded time.
fuzz: dev ## let schemathesis ask what the API description allows, and what it does not
	.ci/with-server .ci/fuzz $(ARGS)

attack: dev ## let sqlmap and wapiti try it (from Debian: apt-get install sqlmap wapiti)
	.ci/with-server .ci/attack

load: dev ## how many pages a second (wrk), and whether slow readers of files keep others waiting
	OWN_NETWORK=1 SYNTHESIZE=$${SYNTHESIZE:-2000} .ci/with-server .ci/load

UV_COMPILE := $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --custom-compile-command "make lock"
lock: ## choose the newest versions that fit pyproject.toml, with their hashes
	@test -x $(VENV)-lock/bin/uv || { $(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install --quiet uv; }
	$(UV_COMPILE) --upgrade pyproject.toml --output-file requirements.lock
	$(UV_COMPILE) --upgrade pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock
