import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { portOf } from '../js/format.js';
import { NetstatTable, commands, differences, labCommands, netstatAddress, netstatRow, portsOf } from '../js/views/netstat-model.js';
import { Log, openConnection } from './views-events.js';

/** @param {Log} log @param {string} id */
function socketOf(log, id) {
  const socket = log.sockets.get(id);
  assert.ok(socket);
  return socket;
}

describe('a row of netstat', () => {
  it('spells states as netstat does', () => {
    const log = new Log();
    log.add(0, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', family: 'tcp4', local: '127.0.0.1:5', remote: '127.0.0.1:8330' });
    const spelled = /** @type {const} */ ([['SYN_RCVD', 'SYN_RECV'], ['FIN_WAIT_1', 'FIN_WAIT1'], ['FIN_WAIT_2', 'FIN_WAIT2'], ['TIME_WAIT', 'TIME_WAIT'], ['ESTABLISHED', 'ESTABLISHED']]);
    for (const [ours, theirs] of spelled) {
      log.state(1, 'C1', 'CLOSED', ours);
      assert.equal(netstatRow(socketOf(log, 'C1'), 0).cells.state, theirs);
    }
  });

  it('writes addresses as netstat does', () => {
    const cases = /** @type {const} */ ([
      ['127.0.0.1:8330', 'tcp4', '127.0.0.1:8330'], ['[::]:8330', 'tcp6', ':::8330'], ['[::1]:8330', 'tcp6', '::1:8330'],
      [undefined, 'tcp4', '0.0.0.0:*'], [undefined, 'tcp6', ':::*'], ['0.0.0.0:0', 'tcp4', '0.0.0.0:*'],
    ]);
    for (const [address, family, want] of cases) assert.equal(netstatAddress(address, family), want);
  });

  it('gives a listener the accept queue in Recv-Q, and 0 in Send-Q', () => {
    const log = openConnection();
    log.add(10_001, { type: 'metrics_sampled', socket: 'S1', metrics: { recv_q: 2, send_q: 4096 } });
    const { cells, network } = netstatRow(socketOf(log, 'S1'), 10_001e6);
    assert.equal(network, 'machine');
    assert.deepEqual([cells.proto, cells.recvQ, cells.sendQ, cells.local, cells.foreign, cells.state], ['tcp6', '2', '0', ':::8330', ':::*', 'LISTEN']);
  });

  it('counts retransmissions second and probes third, and runs the timer down', () => {
    const log = openConnection();
    const timer = (/** @type {Record<string, unknown>} */ timer) => {
      log.add(20_000, { type: 'metrics_sampled', socket: 'C1', metrics: { recv_q: 0, send_q: 0, timer } });
      const { cells } = netstatRow(socketOf(log, 'C1'), 20_500e6);
      return `${cells.timer} (${cells.time}/${cells.retransmits}/${cells.probes})`;
    };
    assert.equal(timer({ kind: 'keepalive', expires_ms: 6810 }), 'keepalive (6.31/0/0)');
    assert.equal(timer({ kind: 'retransmit', expires_ms: 700, retransmits: 1 }), 'on (0.20/1/0)');
    assert.equal(timer({ kind: 'persist', expires_ms: 1570, retransmits: 3 }), 'probe (1.07/0/3)');
    assert.equal(timer({ kind: 'time_wait', expires_ms: 100 }), 'timewait (0.00/0/0)');
  });
});

describe('the table', () => {
  it('marks what changed for a tick, then as old', () => {
    const log = openConnection();
    const table = new NetstatTable();
    table.refresh(log.sockets, 20e9);
    assert.equal(table.age('C1', 'state', 20e9), null);
    log.state(21_000, 'C1', 'ESTABLISHED', 'FIN_WAIT_1');
    table.refresh(log.sockets, 21e9);
    assert.equal(table.age('C1', 'state', 21e9), 'new');
    table.refresh(log.sockets, 21.5e9);
    assert.equal(table.age('C1', 'state', 21.5e9), 'old');
    assert.equal(table.age('C1', 'local', 21.5e9), null);
    table.looked();
    assert.equal(table.age('C1', 'state', 22e9), null);
  });

  it('keeps a row that went for 60 s, as it was', () => {
    const log = openConnection();
    const table = new NetstatTable();
    table.note(log.state(20_000, 'S1.1', 'LAST_ACK', 'CLOSED', { reason: 'acknowledged' }));
    table.refresh(log.sockets, 21e9);
    const row = table.rows.find(({ socket }) => socket === 'S1.1');
    assert.equal(row?.goneAt, 20e9);
    assert.equal(row?.cells.state, 'LAST_ACK');
    table.refresh(log.sockets, 81e9);
    assert.equal(table.rows.find(({ socket }) => socket === 'S1.1'), undefined);
  });

  it('never had a row for a refused dial', () => {
    const log = new Log();
    const table = new NetstatTable();
    log.add(0, { type: 'socket_opened', socket: 'C1', kind: 'conn', host: 'client', remote: '127.0.0.1:9' });
    table.note(log.state(1, 'C1', 'SYN_SENT', 'CLOSED', { reason: 'refused' }));
    table.refresh(log.sockets, 2e6);
    assert.deepEqual(table.rows, []);
  });

  it('has the client before the server, and ours before others', () => {
    const log = openConnection();
    log.add(11_000, { type: 'socket_opened', socket: 'X1', kind: 'other', host: 'client', local: '127.0.0.1:7', remote: '127.0.0.1:8330' });
    log.add(11_000, { type: 'process_found', socket: 'X1', process: { pid: 1, name: 'nc' } });
    log.state(11_000, 'X1', 'CLOSED', 'ESTABLISHED');
    log.add(11_000, { type: 'socket_opened', socket: 'X2', kind: 'other', host: 'server' });
    log.state(11_000, 'X2', 'CLOSED', 'ESTABLISHED');
    const table = new NetstatTable();
    table.refresh(log.sockets, 12e9);
    assert.deepEqual(table.rows.map(({ label }) => label), ['C1', 'nc', 'S1', 'S1.1', 'a process']);
  });

  it('finds a new row new where it says something of its own', () => {
    const log = openConnection();
    const row = netstatRow(socketOf(log, 'C1'), 0);
    assert.deepEqual(differences(undefined, row), ['local', 'foreign', 'state']);
    assert.deepEqual(differences(row, row), []);
  });
});

describe('the commands', () => {
  it('look for the ports of the session', () => {
    const log = openConnection();
    assert.deepEqual(portsOf(log.sockets.values(), portOf), ['8330']);
    assert.deepEqual(commands(['8330']).map(({ command }) => command), [
      'watch -d -n 0.5 "netstat -nato | grep 8330"',
      'watch -d -n 0.5 "ss -tano \'sport = :8330 or dport = :8330\'"',
      'while :; do clear; netstat -anp tcp | grep 8330; sleep 0.5; done',
    ]);
    assert.deepEqual(portsOf(log.sockets.values(), portOf, [5432]), ['5432', '8330']);
    assert.match(commands(['8330', '9000'])[0].command, /grep -E '8330\|9000'/);
  });

  it('run in each host of a Lab', () => {
    assert.deepEqual(labCommands('socketplayground exec -host client --').map(({ command }) => command), [
      'socketplayground exec -host client -- netstat -nato', 'socketplayground exec -host server -- netstat -nato',
      'socketplayground exec -host client -- ss -tano', 'socketplayground exec -host server -- ss -tano',
    ]);
  });
});
