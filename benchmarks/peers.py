"""What Naru is measured against: PostgreSQL, RocksDB's own benchmark, nginx, all from Debian."""

import glob
import os
import re
import shutil
import subprocess

import processes

POSTGRES = "/usr/lib/postgresql/15/bin"
DB_BENCH = "/usr/bin/db_bench"
NGINX = "/usr/sbin/nginx"


class Peer:
    """Something that can have a round. `pid` is the process whose tree works for it, if it stays."""

    pid = None

    def prepare(self):
        """What a round needs and does not measure."""

    def end(self):
        pass


class OfLoad(Peer):
    """A round of a load, against one of its targets."""

    def __init__(self, load, name, pid, process=None):
        self.load, self.name, self.pid, self.process = load, name, pid, process

    def prepare(self):
        self.load.prepare(self.name)

    def round(self, seconds):
        return self.load.round(self.name, seconds)

    def end(self):
        if self.process is not None:
            self.process.end()


class Postgres(Peer):
    """One-row insert and commit by 64 clients, on a cluster of its own."""

    TABLE = """CREATE TABLE decisions (id bigserial PRIMARY KEY, consent uuid NOT NULL,
               state smallint NOT NULL, decided timestamptz NOT NULL, details bytea NOT NULL)"""
    INSERT = """INSERT INTO decisions (consent, state, decided, details)
                VALUES (gen_random_uuid(), 2, now(), decode(repeat('5a', 300), 'hex'));"""

    def __init__(self, directory, clients=64):
        self.clients, self.directory = clients, directory
        os.makedirs(directory)
        # PostgreSQL does not run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(directory, "postgres")
        data = f"{directory}/data"
        self._run(f"{POSTGRES}/initdb", "-D", data, "-U", "bench", "-A", "trust")
        # Durable as it comes; only large enough not to wait for checkpoints.
        self.server = subprocess.Popen(
            [*self.user, f"{POSTGRES}/postgres", "-D", data, "-k", directory, "-h", ""]
            + ["-c", "shared_buffers=512MB", "-c", "max_wal_size=8GB", "-c", "max_connections=100"],
            stdout=subprocess.DEVNULL,
            stderr=open(f"{directory}.log", "ab"),
        )
        self.pid = self.server.pid
        self._run(f"{POSTGRES}/pg_isready", "-h", directory, "-t", "20", tries=100)
        psql = ["psql", "-q", "-h", directory, "-U", "bench", "-d", "postgres"]
        self._run(f"{POSTGRES}/{psql[0]}", *psql[1:], "-c", self.TABLE)
        with open(f"{directory}.sql", "w", encoding="utf-8") as script:
            script.write(self.INSERT)

    def _run(self, *words, tries=1):
        while True:
            tries -= 1
            done = subprocess.run([*self.user, *words], capture_output=True, text=True, cwd="/")
            if done.returncode == 0:
                return done.stdout
            if tries <= 0:
                raise RuntimeError(f"{words[0]}: {done.stdout}{done.stderr}")
            subprocess.run(["sleep", "0.1"], check=True)

    def round(self, seconds):
        with open(f"{self.directory}.sql", encoding="utf-8") as script:
            done = subprocess.run(
                [*self.user, f"{POSTGRES}/pgbench", "-n", "-M", "prepared", "-h", self.directory]
                + ["-U", "bench", "-c", str(self.clients), "-j", "2", "-T", str(round(seconds))]
                + ["-f", "/dev/stdin", "-l", "--log-prefix", f"{self.directory}/times", "postgres"],
                stdin=script,
                capture_output=True,
                text=True,
                cwd="/",
            )
        rate = re.search(r"tps = ([\d.]+)", done.stdout)
        if not rate:
            raise RuntimeError(f"pgbench: {done.stdout}{done.stderr}")
        times = sorted(self._times())
        return {
            "operations": len(times),
            "errors": 0,
            "rate": float(rate[1]),
            "p50_ms": times[len(times) // 2],
            "p99_ms": times[len(times) * 99 // 100],
        }

    def _times(self):
        """Milliseconds of each transaction of the round; forgets them."""
        for file in glob.glob(f"{self.directory}/times.*"):
            with open(file, encoding="utf-8") as log:
                yield from (int(line.split()[2]) / 1000 for line in log)
            os.remove(file)

    def end(self):
        processes.end_server(self.server)


class DbBench(Peer):
    """RocksDB alone: 64 threads write a row each time, every write synced."""

    def __init__(self, directory, threads=64):
        self.directory, self.threads = directory, threads

    def round(self, seconds):
        done = subprocess.run(
            [DB_BENCH, "--benchmarks=fillrandom", f"--db={self.directory}", "--sync=true"]
            + [f"--threads={self.threads}", f"--duration={round(seconds)}", "--value_size=300"]
            + ["--key_size=18", "--num=100000000", "--compression_type=none", "--histogram=true"],
            capture_output=True,
            text=True,
        )
        rate = re.search(r"fillrandom\s*:.*?([\d.]+) ops/sec ([\d.]+) seconds (\d+) op", done.stdout)
        if not rate:
            raise RuntimeError(f"db_bench: {done.stdout}{done.stderr}")
        times = re.search(r"P50: ([\d.]+) P75: [\d.]+ P99: ([\d.]+)", done.stdout)
        result = {"operations": int(rate[3]), "errors": 0, "rate": float(rate[1])}
        if times:
            result.update(p50_ms=float(times[1]) / 1000, p99_ms=float(times[2]) / 1000)
        return result


class Nginx(OfLoad):
    """nginx in the broker's place: takes the broker's certificate, asks for the caller's, goes to
    the holder with the broker's, and passes bytes on."""

    CONFIGURATION = """
daemon off;
worker_processes auto;
pid {directory}/pid;
error_log {directory}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  keepalive_requests 100000000;
  http2_chunk_size 64k;
  http2_max_concurrent_streams 1024;
  upstream holder {{
    server {holder};
    keepalive 64;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_client_certificate {ca};
    ssl_verify_client on;
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size 0;
    location / {{
      grpc_pass grpcs://holder;
      grpc_ssl_certificate {certificate};
      grpc_ssl_certificate_key {key};
      grpc_ssl_protocols TLSv1.2 TLSv1.3;
      # The holder's certificate is not looked at: nginx wants a host's name, ours have a URI. It
      # would cost once a connection.
      grpc_buffer_size 64k;
      grpc_read_timeout 60s;
      grpc_send_timeout 60s;
    }}
  }}
}}
"""

    def __init__(self, load, directory):
        os.makedirs(directory)
        port = processes.free_port()
        file = f"{directory}/nginx.conf"
        with open(file, "w", encoding="utf-8") as configuration:
            configuration.write(self.CONFIGURATION.format(directory=directory, port=port, **load.ready))
        # Its workers read the keys; without this they would run as nobody.
        user = ["-g", "user root;"] if os.geteuid() == 0 else []
        self.server = subprocess.Popen(
            [NGINX, "-p", directory, "-c", file, *user],
            stdout=subprocess.DEVNULL,
            stderr=open(f"{directory}/stderr.log", "ab"),
        )
        load.tell(f"peer nginx 127.0.0.1:{port}")
        super().__init__(load, "nginx", self.server.pid)

    def end(self):
        processes.end_server(self.server)
