"""One round of requests and the CPU they took."""
import os
import re
import subprocess

TICKS = os.sysconf('SC_CLK_TCK')


def processes():
    """pid -> (parent, CPU seconds of its own and of children that ended)."""
    found = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/stat') as stat:
                fields = stat.read().rpartition(')')[2].split()
        except OSError:
            continue
        found[int(pid)] = int(fields[1]), sum(map(int, fields[11:15])) / TICKS
    return found


def cpu(root):
    """Of the process and everything under it."""
    every, tree = processes(), {root}
    while more := {pid for pid, (parent, _) in every.items() if parent in tree} - tree:
        tree |= more
    return sum(every[pid][1] for pid in tree if pid in every)


def wrk(one, work, options, seed, seconds):
    kind = 'account' if work == 'account' else one.kind
    settings = {'KIND': kind, 'FILE': one.requests(), 'SEED': str(seed)}
    command = ['wrk', '-t', '1', '-c', str(options.connections), '-d', f'{seconds}s', '-s', f'{one.here}/requests.lua', f'http://127.0.0.1:{one.port}']
    said = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **settings}).stdout
    sent = int(re.search(r'(\d+) requests in', said)[1])
    size = re.search(r'requests in \S+, ([\d.]+)([KMG]?)B read', said)
    size = float(size[1]) * {'': 1, 'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}[size[2]]
    errors = re.findall(r'Non-2xx or 3xx responses: (\d+)|connect (\d+), read (\d+), write (\d+), timeout (\d+)', said)
    return sent, size / max(sent, 1), sum(int(n) for groups in errors for n in groups if n)


def measure(one, work, cluster, options, number):
    one.before_round()
    placed = one.orders()
    server, postgres = cpu(one.process.pid), cpu(cluster.pid)
    sent, size, bad = wrk(one, work, options, number, options.seconds)
    server, postgres = cpu(one.process.pid) - server, cpu(cluster.pid) - postgres
    if work == 'order':
        # A redirect counts as success to wrk; an order is one when it stands in the table.
        bad += max(0, sent - (one.orders() - placed))
    ms = lambda seconds: seconds * 1000 / max(sent, 1)
    result = dict(name=one.name, work=work, round=number, sent=sent, bad=bad, bytes=size, server=ms(server), postgres=ms(postgres), total=ms(server + postgres))
    print(f"{number} {work:8} {one.name:7} {sent:6} requests  {result['total']:.3f} ms CPU  {bad} bad", flush=True)
    return result
