"""The programs that are held against each other: how each is filled, started and asked."""
import base64
import hashlib
import os
import subprocess
import time
import urllib.request

from .cluster import free_port


class Contestant:
    def __init__(self, cluster, options, here):
        self.cluster, self.options, self.here = cluster, options, here
        self.process, self.port = None, free_port()

    def launch(self, command, **environment):
        log = open(f'{self.cluster.folder}/{self.name}.log', 'w')
        settings = {'DATABASE_URL': self.cluster.url(self.database), 'DB_POOL': str(self.options.pool), **environment}
        self.process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self.answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f'{self.name} did not start; see {log.name}')
            time.sleep(0.1)

    def answers(self):
        try:
            urllib.request.urlopen(f'http://127.0.0.1:{self.port}/account', timeout=1)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def write(self, rows):
        with open(self.requests(), 'w') as file:
            file.writelines(' '.join(row) + '\n' for row in rows)

    def requests(self):
        return f'{self.cluster.folder}/{self.name}.requests'

    def before_round(self):
        pass

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()


class Limit(Contestant):
    name, database = 'limit', 'bench_limit'
    manifest, order_path, kind = 'limit/Cargo.toml', '/order', 'limit_order'

    def fill(self):
        self.cluster.sql(self.database, '-f', f'{self.here}/sql/limit.sql', customers=self.options.customers)

    def binary(self):
        target = os.environ.get('LIMIT_TARGET_DIR', f'{self.here}/limit/target')
        return f'{target}/release/limit'

    def start(self):
        if self.cluster.create(self.database):
            self.fill()
        self.write(self.cluster.sql(self.database, '-c', 'select s.id, l.id from sessions s join lines l using (customer_id)'))
        address = f'127.0.0.1:{self.port}'
        self.launch([self.binary()], LISTEN=address, ADDR=address, POOL=str(self.options.pool))

    def orders(self):
        return int(self.cluster.sql(self.database, '-c', 'select count(*) from orders')[0][0])


class Kit(Limit):
    """Another limit program, from a folder given in LIMIT_KIT."""
    name, database = 'kit', 'bench_kit'
    kind = 'kit_order'

    def __init__(self, cluster, options, here, folder):
        super().__init__(cluster, options, here)
        self.kit = folder

    def fill(self):
        # Its sessions are spread over ten thousand customers or more; its last step is its indexes.
        self.cluster.sql(self.database, '-f', f'{self.kit}/pg/schema.sql')
        self.cluster.sql(self.database, '-f', f'{self.kit}/pg/fill.sql', n=max(10_000, self.options.customers), nl=5, no=10, dir=f'{self.kit}/pg')

    def binary(self):
        target = f'{self.cluster.folder}/kit-target'
        build = ['cargo', 'build', '--release', '--locked', '--manifest-path', f'{self.kit}/limit/Cargo.toml']
        subprocess.run(build, check=True, env={**os.environ, 'CARGO_TARGET_DIR': target})
        return f'{target}/release/limit'


class Portal(Contestant):
    name, database = 'portal', 'bench_portal'
    kind = 'portal_order'

    def start(self):
        self.cluster.create(self.database)
        target = os.environ.get('CARGO_TARGET_DIR', f'{self.here}/../target')
        # Two of its connections only listen for news.
        self.launch([f'{target}/release/renewal-portal', 'demo', '--port', str(self.port)], DB_POOL=str(self.options.pool + 2))
        self.cluster.sql(self.database, '-f', f'{self.here}/sql/portal.sql', customers=self.options.customers)
        lines = self.cluster.sql(self.database, '-c', """
            select substr(a.email, 2, strpos(a.email, '@') - 2), l.id, l.plan, p.price_minor
            from lines l join accounts a on a.id = l.account_id join plans p on p.code = l.plan where a.email_key like 'c%@bench.example'""")
        self.write([*signed_in(number), line, plan, price] for number, line, plan, price in lines)

    def before_round(self):
        self.cluster.sql(self.database, '-f', f'{self.here}/sql/reset.sql')

    def orders(self):
        return int(self.cluster.sql(self.database, '-c', 'select count(*) from orders')[0][0])


def signed_in(number):
    """The cookie of the session that sql/portal.sql made for this customer, and its form token."""
    plain = lambda data: base64.urlsafe_b64encode(data).rstrip(b'=').decode()
    cookie = plain(hashlib.sha256(f'session{number}'.encode()).digest())
    return cookie, plain(hashlib.sha256(f'form token\0{cookie}'.encode()).digest())
