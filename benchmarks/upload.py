"""Uploads side by side: ours, google-api-python-client and `curl -T`, plain and over TLS, into a sink.

    python benchmarks/upload.py [--scale 0.1] [--repeats 3]

12 x 200 MB at once and 1 x 2 GB, interleaved, medians. Each client runs in a process of its own. No machine
is quiet: trust the ratios, not the figures. `machine lag` is what the same ticker sees meanwhile in a process
that does nothing. Writes `.cache/bench/upload.json`; exits 1 at a missed goal.
"""

import argparse
import datetime as dt
import ipaddress
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "bench"
MB = 1_000_000
LOADS = {"12 x 200 MB": (12, 200 * MB), "1 x 2 GB": (1, 2_000 * MB)}
CLIENTS = ("ours", "google", "curl")


@dataclass(frozen=True, slots=True)
class Sink:
    """A running sink. `certificate` is empty for plain."""

    name: str
    process: int
    root: str
    certificate: str

    def cpu(self) -> float:
        """The CPU seconds it has used."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_certificate() -> tuple[str, str]:
    """A certificate for localhost and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(
        now + dt.timedelta(days=30)
    )
    basic = x509.BasicConstraints(ca=True, path_length=None)
    made = (
        builder.add_extension(names, critical=False)
        .add_extension(basic, critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = CACHE / "cert.pem", CACHE / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(public), str(private)


def sink_command() -> list[str]:
    """The C sink if it can be built here, else the Python one, said aloud."""
    built = CACHE / "sink"
    compiler = shutil.which("cc")
    if compiler:
        command = [compiler, "-O2", "-pthread", "-o", str(built), str(HERE / "sink.c"), "-lssl", "-lcrypto"]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode == 0:
            return [str(built)]
    print("!! the C sink cannot be built here: the Python one may itself be the limit; trust CPU-s/GB only")
    return [sys.executable, str(HERE / "sink.py")]


@contextmanager
def sink(name: str, command: list[str], identity: tuple[str, str] | None) -> Iterator[Sink]:
    """Starts a sink and ends it with the block."""
    process = subprocess.Popen([*command, *(identity or ())], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        port = int(process.stdout.readline())
        scheme = "https" if identity else "http"
        yield Sink(name, process.pid, f"{scheme}://localhost:{port}/", identity[0] if identity else "")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def make_files(count: int, size: int) -> list[str]:
    """Files in the machine's memory: what is measured is the way from there to the network.

    They are read once before, or the first client would pay for that alone.
    """
    paths = [CACHE / f"video-{size}-{number}.mp4" for number in range(count)]
    buffer = bytearray(1 << 20)
    for path in paths:
        path.touch()
        os.truncate(path, size)
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                continue
    return [str(path) for path in paths]


@contextmanager
def idle_ticker() -> Iterator[list[float]]:
    """How late a thread of an idle process wakes up while the block runs, in milliseconds."""
    lags: list[float] = []
    ended = threading.Event()

    def tick() -> None:
        while not ended.is_set():
            begun = time.perf_counter()
            ended.wait(0.005)
            lags.append((time.perf_counter() - begun - 0.005) * 1000)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield lags
    finally:
        ended.set()
        thread.join()


def measure(client: str, sink: Sink, files: list[str]) -> dict[str, Any]:
    """One run of one client."""
    gigabytes = sum(Path(path).stat().st_size for path in files) / 1e9
    before = sink.cpu()
    command = [sys.executable, str(HERE / "upload_clients.py"), client, sink.root, sink.certificate, *files]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent / "src")}
    with idle_ticker() as lags:
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout)
    return {
        "mb_per_s": gigabytes * 1000 / found["seconds"],
        "cpu_s_per_gb": found["cpu"] / gigabytes,
        "memory_mb": found["memory"] / MB,
        "sink_cpu_s_per_gb": (sink.cpu() - before) / gigabytes,
        "machine_lag_ms": statistics.quantiles(lags, n=100)[98],
        **({"lag_ms": found["lag_ms"]} if "lag_ms" in found else {}),
    }


def median(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """The middle of several runs, figure by figure."""
    middle: dict[str, Any] = {
        name: statistics.median(run[name] for run in runs) for name in runs[0] if name != "lag_ms"
    }
    if "lag_ms" in runs[0]:
        middle["lag_ms"] = [
            statistics.median(column) for column in zip(*(run["lag_ms"] for run in runs), strict=True)
        ]
    return middle


def show(title: str, found: dict[str, dict[str, Any]]) -> None:
    """One table, with ratios to the official client."""
    print(f"\n{title}")
    print(
        f"{'client':8}{'MB/s':>8}{'CPU-s/GB':>10}{'MB over idle':>14}{'speed':>8}{'CPU':>7}  "
        "loop lag p50/p99/max ms"
    )
    peer = found["google"]
    for name, row in found.items():
        speed, cpu = row["mb_per_s"] / peer["mb_per_s"], row["cpu_s_per_gb"] / peer["cpu_s_per_gb"]
        lag = "/".join(f"{part:.1f}" for part in row.get("lag_ms", [])) or "-"
        print(
            f"{name:8}{row['mb_per_s']:8.0f}{row['cpu_s_per_gb']:10.2f}{row['memory_mb']:14.1f}"
            f"{speed:7.2f}x{cpu:6.2f}x  {lag}"
        )
    ours = found["ours"]
    print(f"sink: {ours['sink_cpu_s_per_gb']:.2f} CPU-s/GB; machine lag p99 {ours['machine_lag_ms']:.1f} ms")


def goals(found: dict[str, dict[str, dict[str, Any]]]) -> list[tuple[str, bool]]:
    """The promises, and whether this run kept them."""
    load = found.get("12 x 200 MB, tls")
    if load is None:
        return []
    ours, peer = load["ours"], load["google"]
    kept = [
        ("at least 3 times the official client's speed", ours["mb_per_s"] >= 3 * peer["mb_per_s"]),
        ("at most 80 MB over idle", ours["memory_mb"] <= 80),
        ("loop lag p99 at most 30 ms", ours["lag_ms"][1] <= 30),
    ]
    if "curl" in load:
        kept.append(("at least 0.9 times curl's speed", ours["mb_per_s"] >= 0.9 * load["curl"]["mb_per_s"]))
    return kept


def clients() -> list[str]:
    if shutil.which("curl"):
        return list(CLIENTS)
    print("!! curl is not installed: measured without it")
    return [name for name in CLIENTS if name != "curl"]


def main(arguments: Sequence[str] | None = None) -> int:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--scale", type=float, default=1.0, help="make the files smaller by this factor")
    words.add_argument("--repeats", type=int, default=3)
    words.add_argument("--only", default="", help='one table, such as "12 x 200 MB, tls"')
    asked = words.parse_args(arguments)
    CACHE.mkdir(parents=True, exist_ok=True)
    command, identity = sink_command(), make_certificate()
    print(
        f"sink: {Path(command[-1]).name}, in processes of its own; {os.cpu_count()} cores are shared with it"
    )
    print(f"load of the machine before we begin: {os.getloadavg()[0]:.1f}")
    found: dict[str, dict[str, dict[str, Any]]] = {}
    raw: list[dict[str, Any]] = []
    with sink("plain", command, None) as plain, sink("tls", command, identity) as tls:
        for load, (count, size) in LOADS.items():
            files = make_files(count, int(size * asked.scale))
            for where in (plain, tls):
                title = f"{load}, {where.name}"
                if asked.only not in ("", title):
                    continue
                runs: dict[str, list[dict[str, Any]]] = {name: [] for name in clients()}
                for _ in range(asked.repeats):
                    for name, those in runs.items():
                        those.append(measure(name, where, files))
                        raw.append({"load": load, "sink": where.name, "client": name, **those[-1]})
                found[title] = {name: median(those) for name, those in runs.items()}
                show(title, found[title])
            for path in files:
                Path(path).unlink()
    kept = goals(found)
    for goal, met in kept:
        print(f"12 x 200 MB over TLS, {goal}: {'yes' if met else 'MISSED'}")
    report = {
        "scale": asked.scale,
        "load_after": os.getloadavg()[0],
        "medians": found,
        "goals": dict(kept),
        "runs": raw,
    }
    (CACHE / "upload.json").write_text(json.dumps(report, indent=1))
    return 0 if all(met for _, met in kept) else 1


if __name__ == "__main__":
    sys.exit(main())
