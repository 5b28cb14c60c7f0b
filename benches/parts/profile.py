"""Where the portal's CPU goes: sampled functions by what they belong to, and statements by what they took."""
import re
import subprocess
import threading

from .load import wrk

# The first that a symbol or its library matches names the group.
GROUPS = [
    ('system: network, scheduling', r'\[kernel|\[k\]|\[vdso\]'),
    ('memory: malloc, free, copies', r'malloc|free|realloc|calloc|mem(cpy|move|set|cmp)|mi_|alloc'),
    ('texts: Fluent', r'fluent|i18n|unic_lang|intl'),
    ('dates and zones', r'jiff|calendar|time::'),
    ('phone numbers', r'phonenumber|numbers::|regex'),
    ('page: template and escaping', r'askama|Template|pages::'),
    ('database client', r'sqlx|pg_|postgres'),
    ('HTTP client to the carrier', r'reqwest|hyper_util::client|hyper::client|url::|idna'),
    ('HTTP server, routing, layers', r'hyper|axum|tower|http::|matchit|httparse'),
    ('runtime', r'tokio|mio|std::|core::|parking_lot|futures'),
    ('hashing', r'sha2|sha256|base64'),
]


def profile(one, cluster, options):
    cluster.sql(one.database, '-c', 'create extension if not exists pg_stat_statements')
    for work in ('account', 'order'):
        one.before_round()
        cluster.sql(one.database, '-c', "alter system set pg_stat_statements.track = 'top'", '-c', 'select pg_reload_conf()', '-c', 'select pg_stat_statements_reset()')
        load = threading.Thread(target=wrk, args=(one, work, options, 99, options.seconds))
        load.start()
        sampled = sample(one, cluster, options.seconds - 1)
        load.join()
        cluster.sql(one.database, '-c', 'alter system reset pg_stat_statements.track', '-c', 'select pg_reload_conf()')
        print(f'\n{work}: what the portal\'s own CPU is spent on')
        for group, share in sampled:
            print(f'  {share:5.1f} %  {group}')
        print(f'{work}: what the database is asked (calls per request, mean ms)')
        for line in statements(cluster, one.database):
            print('  ' + ' '.join(line))


def sample(one, cluster, seconds):
    data = f'{cluster.folder}/perf.data'
    try:
        record = ['perf', 'record', '-q', '-F', '997', '-o', data, '-p', str(one.process.pid), '--', 'sleep', str(seconds)]
        subprocess.run(record, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return [('perf is not here or may not look', 100.0)]
    report = subprocess.run(['perf', 'report', '-i', data, '--stdio', '-q', '--sort', 'dso,symbol'], capture_output=True, text=True).stdout
    shares = {}
    for line in report.splitlines():
        found = re.match(r'\s*([\d.]+)%\s+(.*)', line)
        if found:
            group = next((name for name, pattern in GROUPS if re.search(pattern, found[2])), 'other')
            shares[group] = shares.get(group, 0) + float(found[1])
    return sorted(shares.items(), key=lambda item: -item[1])


def statements(cluster, database):
    return cluster.sql(database, '-c', """
        select calls, round(mean_exec_time::numeric, 3), regexp_replace(left(query, 90), '\\s+', ' ', 'g')
        from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
        order by total_exec_time desc limit 12""")
