"""A scratch PostgreSQL cluster on a port of its own."""
import glob
import os
import pwd
import shutil
import socket
import subprocess
import time

SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 1GB
work_mem = 16MB
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = none
"""


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def program(name):
    folders = [os.environ.get('PG_BIN_DIR', '')] + sorted(glob.glob('/usr/lib/postgresql/*/bin'), reverse=True)
    found = next((f'{folder}/{name}' for folder in folders if os.access(f'{folder}/{name}', os.X_OK)), None) or shutil.which(name)
    if not found:
        raise SystemExit(f'{name} is missing: install PostgreSQL, or name its folder in PG_BIN_DIR')
    return found


class Cluster:
    def __init__(self, folder):
        self.folder, self.data, self.port = folder, f'{folder}/pg', free_port()
        # PostgreSQL refuses to run as root.
        self.owner = 'postgres' if os.getuid() == 0 else None

    def __enter__(self):
        os.makedirs(self.data, mode=0o700, exist_ok=True)
        if self.owner:
            user = pwd.getpwnam(self.owner)
            os.chown(self.data, user.pw_uid, user.pw_gid)
            os.chmod(self.folder, 0o755)
        if not os.path.exists(f'{self.data}/PG_VERSION'):
            self.own('initdb', '-D', self.data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C')
            with open(f'{self.data}/postgresql.conf', 'a') as conf:
                conf.write(SETTINGS)
        self.own('pg_ctl', '-D', self.data, '-w', '-l', f'{self.data}/log', '-o', f'-p {self.port}', 'start')
        with open(f'{self.data}/postmaster.pid') as pid:
            self.pid = int(pid.readline())
        return self

    def __exit__(self, *_):
        self.own('pg_ctl', '-D', self.data, '-w', '-m', 'fast', 'stop')

    def own(self, name, *args):
        command = [program(name), *args]
        # `-o -p` has a blank in it, hence no shell.
        if self.owner:
            command = ['setpriv', f'--reuid={self.owner}', f'--regid={self.owner}', '--init-groups', *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd='/')

    def url(self, database):
        return f'postgres://postgres@127.0.0.1:{self.port}/{database}?sslmode=disable'

    def sql(self, database, *args, **variables):
        """The rows of a statement (`-c`) or a file (`-f`)."""
        given = [arg for name, value in variables.items() for arg in ('-v', f'{name}={value}')]
        command = [program('psql'), '-XqAt', '-F', ' ', '-v', 'ON_ERROR_STOP=1', *given, *args, self.url(database)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f'{database}: {done.stderr}')
        return [line.split(' ') for line in done.stdout.splitlines()]

    def create(self, database):
        """True if it was not there yet."""
        if self.sql('postgres', '-c', f"select 1 from pg_database where datname = '{database}'"):
            return False
        self.sql('postgres', '-c', f'create database {database}')
        return True
