"""Serving: what readers get from several machines, in good hours and while parts of it are replaced."""

import http.client
import re
import signal
import subprocess
import time
from pathlib import Path

from eccp.deploy.trial.machines import NAME, POSTGRES, ROOT, Site, TrialError, run, site, until
from eccp.deploy.trial.readers import ask, under_load

PATHS = ("/", "/partnerships/", "/ja/partnerships/?country=DE", "/partnerships.csv", "/partnerships.json")
CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)"')
RENAME = """
from django.utils import timezone
from partnerships.models import Partnership
row = Partnership.objects.published().order_by("pk").first()
row.name = {name!r}
row.save()
"""


def hold(condition, what: str) -> None:
    if not condition:
        raise TrialError(f"does not hold: {what}")


def pages(made: Site) -> str:
    for path in PATHS:
        first, again = ask(made, path), ask(made, path)
        hold((first.status, again.status) == (200, 200), f"{path} answers 200, not {first.status}, {again.status}")
        hold(again.headers["X-Cache"] == "HIT", f"{path} comes from the proxy the second time")
        hold(first.body == again.body and "Set-Cookie" not in first.headers, f"{path} is the same, without a cookie")
        same = ask(made, path, If_None_Match=first.headers["ETag"])
        hold((same.status, same.body) == (304, b""), f"{path} is not sent again to who has it")
        past = ask(made, path, web=1, If_None_Match=first.headers["ETag"])
        hold(past.status == 304, f"{path} has the same name on the other web server")
    try:
        ask(made, "/", host="evil.example")
    except (OSError, http.client.HTTPException):
        return (
            f"{len(PATHS)} addresses: 200, from the proxy the second time, 304 to who has them; another host: nothing"
        )
    raise TrialError("another host name is answered")


def static_files(made: Site) -> str:
    names = sorted(set(re.findall(r'"(/static/[^"]+)"', ask(made, "/").text)))
    for name in names:
        answer = ask(made, name)
        hold(answer.status == 200 and "immutable" in answer.headers["Cache-Control"], f"{name} is served for ever")
    return f"{len(names)} static files of the front page, each kept for ever"


def poisoning(made: Site) -> str:
    whole = ask(made, "/partnerships/?stage=active").body
    part = ask(made, "/partnerships/?stage=active", HX_Request="true")
    hold(part.status == 200 and len(part.body) < len(whole), "a part of a page is smaller than the page")
    for headers in (
        {"HX_Request": "nonsense"}, {"X_Forwarded_Host": "evil.example"}, {"Accept_Language": "ja"},
        {"Cookie": "sessionid=nobody"}, {"Forwarded": "host=evil.example"}, {"HX_Request": "true"},
        {"Content_Type": "text/html; charset=utf-7"}, {"Content_Type": "text/html; charset=nonsense"},
    ):  # fmt: skip
        ask(made, "/partnerships/?stage=active", **headers)
    again = ask(made, "/partnerships/?stage=active")
    hold(again.body == whole and again.headers["X-Cache"] == "HIT", "headers do not change what others get")
    # The first to ask does so with a header that means another question in another charset.
    ask(made, "/partnerships/?q=Universit%C3%A4t", Content_Type="text/html; charset=latin-1")
    kept = ask(made, "/partnerships/?q=Universit%C3%A4t")
    past = ask(made, "/partnerships/?q=Universit%C3%A4t", web=1)
    hold(kept.body == past.body and "Universität" in kept.text, "a charset in a header does not change what is asked")
    orders = ["stage=active&country=DE", "country=DE&stage=active"]
    first, second = (ask(made, f"/partnerships/?{order}") for order in orders)
    named = {CANONICAL.search(answer.text)[1] for answer in (first, second)}
    hold(first.headers["ETag"] != second.headers["ETag"] and len(named) == 1, "each order is an entry of its own")
    hold(ask(made, f"/partnerships/?{orders[0]}").body == first.body, "one order does not change what another gets")
    return (
        "parts of pages, foreign hosts, languages, cookies, charsets and the order of parameters change nothing of "
        "what the next reader gets"
    )


def replica(made: Site) -> str:
    made.primary.stop("immediate")
    without = [ask(made, f"/partnerships/?q=primary{n}", web=n % 2).status for n in range(8)]
    made.primary.start()
    hold(set(without) == {200}, f"public pages are read from the standby while the primary is down: {without}")
    made.standby.stop("immediate")
    down = [ask(made, f"/partnerships/?q=standby{n}", web=n % 2) for n in range(8)]
    hold({answer.status for answer in down} == {200}, "pages are read from the primary while the standby is down")
    hold("replica-1 is left out" in made.log("web0"), "the log says that the standby is left out")
    seen = _times_taken_in(made)
    made.standby.start()
    back = _until_taken_in(made, seen)
    slowest = max(answer.seconds for answer in down)
    return (
        f"primary down: 8 of 8 new pages from the standby; standby down: 8 of 8 from the primary "
        f"(slowest {slowest:.2f} s), read again {back:.1f} s after its start"
    )


def _times_taken_in(made: Site) -> int:
    return made.log("web0").count("replica-1 is read from now on")


def _until_taken_in(made: Site, before: int) -> float:
    def is_back():
        ask(made, "/partnerships/?q=back", web=0)
        return _times_taken_in(made) > before

    return until(is_back, "the standby is read again", 60)


def lag(made: Site) -> str:
    """The standby is there, and answers, but takes in nothing of what the primary sends."""
    path, bound = "/partnerships/?per_page=200", int(made.environment.get("REPLICA_LAG_SECONDS", 5))
    made.standby.sql("SELECT pg_wal_replay_pause()")
    seen = _times_taken_in(made)
    made.python(RENAME.format(name="The standby lags"))
    late = until(lambda: b"The standby lags" in ask(made, path, web=0).body, "the primary is read", bound + 10)
    hold("replica-1 is left out: it is at data version" in made.log("web0"), "the log says that the standby lags")
    made.standby.sql("SELECT pg_wal_replay_resume()")
    back = _until_taken_in(made, seen)
    hold(b"The standby lags" in ask(made, path, web=0).body, "what was written is read from the standby too")
    return (
        f"what it had not taken in was read {late:.1f} s later (lag bound {bound} s), itself again after {back:.1f} s"
    )


def publication(made: Site) -> str:
    path = "/partnerships/?per_page=200"
    bound = int(made.python("from django.conf import settings; print(settings.VISIBLE_WITHIN_SECONDS)").split()[-1])
    old = ask(made, path)
    hold(ask(made, path).headers["X-Cache"] == "HIT", "the page is in the proxy")
    made.python(RENAME.format(name="A trial of the bound"))
    curator = ask(made, path, Cookie="wrote=1")
    hold(b"A trial of the bound" in curator.body, "who has just written reads what was written")
    made.python(RENAME.format(name="The bound holds"))
    begun = time.monotonic()
    until(lambda: b"The bound holds" in ask(made, path).body, "a publication is visible", bound)
    seconds = time.monotonic() - begun
    hold(ask(made, path).headers["ETag"] != old.headers["ETag"], "the page has another name")
    made.python(RENAME.format(name="The purge works"))
    time.sleep(1)  # the standby
    begun = time.monotonic()
    run(ROOT / "eccp/deploy/purge", made.folder / "generation.conf", *made.nginx_options)
    until(lambda: b"The purge works" in ask(made, path).body, "a publication is visible after a purge", 30)
    purged = time.monotonic() - begun
    return f"visible to everyone after {seconds:.0f} s (bound {bound} s), to its curator at once, purged {purged:.1f} s"


def reload(made: Site) -> str:
    with under_load(made) as load:
        until(lambda: load.answered > 20, "readers are answered")
        for number in (0, 1):
            before = load.answered
            made.running[f"web{number}"].send_signal(signal.SIGHUP)
            until(lambda before=before: load.answered > before + 40, "readers are answered during a reload")
        made.running["nginx"].send_signal(signal.SIGHUP)
        before = load.answered
        until(lambda: load.answered > before + 20, "readers are answered during a reload of nginx")
        made.end("web0")
        made.start_web(0)
        before = load.answered
        until(lambda: load.answered > before + 20, "readers are answered after a restart")
    hold(not load.failed, f"no request is dropped: {load}")
    return f"both web servers and nginx reloaded, one web server stopped and started: {load}, none dropped"


def redis(made: Site) -> str:
    made.python("from django.core.cache import cache; cache.set('trial', 'kept', 60)")
    kept = made.python("from django.core.cache import cache; print(cache.get('trial'))")
    hold(kept.endswith("kept"), "what one process caches another finds")
    made.end("redis")
    status = [ask(made, f"/partnerships/?q=noredis{n}").status for n in range(4)]
    made.start_redis()
    hold(set(status) == {200}, f"public pages are answered without Redis: {status}")
    return "shared by processes; public pages are answered while it is down"


def speed(made: Site) -> str:
    """Answers a second, and how long each takes a core, which other work on the machine hardly changes."""
    script = made.folder / "host.lua"
    script.write_text(f'wrk.headers["Host"] = "{NAME}"\nwrk.headers["X-Forwarded-Proto"] = "https"\n', "utf-8")
    proxy, web = f"https://127.0.0.1:{made.tls_port}", f"http://127.0.0.1:{made.web_ports[0]}"
    said = []
    for what, base, path, connections in (
        ("proxy, kept", proxy, "/partnerships/", 16),
        ("proxy, kept and packed", proxy, "/partnerships/", 16),
        ("proxy, kept", proxy, "/partnerships.csv", 16),
        ("one web server, made anew", web, "/partnerships/", 8),
        ("one web server, made anew", web, "/partnerships.json", 8),
        ("one web server, made anew", web, "/partnerships.csv", 2),  # one client may fetch four files at once
    ):
        for _warm in range(8):  # every process of the web server has its index
            ask(made, path, web=0)
        ask(made, path)
        before = made.processor_seconds()
        packed = ["-H", "Accept-Encoding: gzip"] if "packed" in what else []
        load = ["-t2", f"-c{connections}", "-d10s", "--timeout", "30s", "-s", script, *packed]
        out = run("wrk", *load, f"{base}{path}")
        used = {name: seconds - before[name] for name, seconds in made.processor_seconds().items()}
        hold("Non-2xx" not in out, f"{what} {path} answers 200: {out}")
        rate, count = re.search(r"Requests/sec:\s+([\d.]+)", out)[1], int(re.search(r"(\d+) requests in", out)[1])
        costs = {name: 1000 * took / count for name, took in used.items()}
        each = ", ".join(f"{name} {cost:.2f} ms" for name, cost in costs.items() if cost > 0.02)
        said.append(f"{what} {path} {float(rate):.0f}/s ({each} of a core each)")
    return "; ".join(said)


def promotion(made: Site) -> str:
    number = made.standby.sql("SELECT number FROM records_dataversion")
    made.primary.stop("immediate")
    begun = time.monotonic()
    made.standby.promote()
    made.environment |= {"DATABASE_URL": made.standby.url, "DATABASE_REPLICA_URLS": ""}
    for web in (0, 1):
        made.end(f"web{web}")
        made.start_web(web)
    hold(ask(made, "/partnerships/?q=promoted").status == 200, "pages are read from the promoted standby")
    seconds = time.monotonic() - begun
    made.python(RENAME.format(name="Written after the promotion"))
    hold(int(made.standby.sql("SELECT number FROM records_dataversion")) > int(number), "it is written to")
    true = made.manage("verify").count(": true")
    return f"pages {seconds:.0f} s after the loss of the primary; written to; verify: {true} lists true"


def clean_stop(made: Site) -> str:
    codes = {name: made.end(name, signal.SIGQUIT if name == "nginx" else signal.SIGTERM) for name in [*made.running]}
    hold(set(codes.values()) == {0}, f"every program ends by itself: {codes}")
    made.standby.stop()
    left = subprocess.run(["pgrep", "-f", str(made.folder)], capture_output=True, text=True, check=False)
    hold(not left.stdout, f"no process is left: {left.stdout}")
    return f"{len(codes) + 1} programs ended by themselves, no process left"


STEPS = (pages, static_files, poisoning, redis, replica, lag, reload, publication, speed, promotion, clean_stop)


def trial(say, dump: Path | None) -> None:
    """All steps, in this order."""
    with site() as made:
        made.environment |= {"CACHE_URL": f"redis://127.0.0.1:{made.redis_port}/0"}
        made.primary.make()
        made.fill(made.primary, dump)
        made.standby.follow(made.primary)
        made.manage("collectstatic", "--no-input", "--verbosity=0")
        made.environment |= {"DATABASE_REPLICA_URLS": made.standby.url}
        made.start_redis()
        for number in (0, 1):
            made.start_web(number)
        made.start_nginx()
        version = run(POSTGRES / "postgres", "--version").split()[2]
        say("machines", f"PostgreSQL {version} with a hot standby, Redis, nginx with TLS, two web servers")
        try:
            for step in STEPS:
                say(step.__name__.replace("_", " "), step(made))
        except Exception:
            for name in ("web0", "web1", "nginx"):
                if (made.folder / f"{name}.log").exists():
                    say(f"log of {name}", made.log(name)[-3000:])
            raise
