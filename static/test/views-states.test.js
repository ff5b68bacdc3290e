import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drawingFor } from '../js/views/states-drawing.js';
import { EDGES, NODES, NODE_HEIGHT, directEdge, nodeAt, places } from '../js/views/states-map.js';
import { CHAR_PX, buildTrail, labelAxis, layoutStrip, scaleMark, timeIn } from '../js/views/states-model.js';
import { eventOnly, shorterEdge, shorterNode } from '../js/views/states-short.js';
import { Log, openConnection } from './views-events.js';

describe('a trail', () => {
  it('numbers the steps of a dialled socket from CLOSED', () => {
    const log = openConnection();
    const trail = buildTrail('C1', log.sockets, log.events);
    assert.deepEqual(trail?.steps.map(({ no, from, to }) => [no, from, to]), [[1, 'CLOSED', 'SYN_SENT'], [2, 'SYN_SENT', 'ESTABLISHED']]);
  });

  it('leaves LISTEN where a listener made the connection', () => {
    const log = openConnection();
    const trail = buildTrail('S1.1', log.sockets, log.events);
    assert.deepEqual(trail?.steps.map(({ from, to }) => [from, to]), [['LISTEN', 'SYN_RCVD'], ['SYN_RCVD', 'ESTABLISHED']]);
  });

  it('adds the times of a state entered twice', () => {
    const log = new Log();
    log.add(0, { type: 'socket_opened', socket: 'S1', kind: 'listener', host: 'server' });
    log.state(0, 'S1', 'CLOSED', 'LISTEN');
    log.state(2, 'S1', 'LISTEN', 'SYN_RCVD');
    log.state(5, 'S1', 'SYN_RCVD', 'LISTEN');
    const trail = buildTrail('S1', log.sockets, log.events);
    const staysIn = (/** @type {string} */ state) => trail?.stays.filter((stay) => stay.state === state) ?? [];
    assert.equal(timeIn(staysIn('LISTEN'), 9e6), 6e6);
    assert.equal(timeIn(staysIn('SYN_RCVD'), 9e6), 3e6);
  });

  it('begins with the snapshot where the events are gone', () => {
    const log = openConnection();
    const trail = buildTrail('C1', log.sockets, []);
    assert.equal(trail?.now?.state, 'ESTABLISHED');
    assert.equal(trail?.now?.event, null);
    assert.equal(buildTrail(null, log.sockets, log.events), null);
  });
});

describe('the diagram', () => {
  it('has every transition of RFC 9293 figure 5 once', () => {
    const names = EDGES.map(({ from, to }) => `${from} ${to}`);
    assert.equal(new Set(names).size, names.length);
    assert.equal(EDGES.filter((edge) => !edge.reset).length, 21);
  });

  it('tells the CLOSED before from the CLOSED after', () => {
    assert.deepEqual(places('CLOSED', 'SYN_SENT'), ['START', 'SYN_SENT']);
    assert.deepEqual(places('SYN_SENT', 'CLOSED'), ['SYN_SENT', 'START']);
    assert.deepEqual(places('ESTABLISHED', 'CLOSED'), ['ESTABLISHED', 'CLOSED']);
  });

  it('draws a step that is no edge of it straight', () => {
    const edge = directEdge(nodeAt('LISTEN'), nodeAt('ESTABLISHED'));
    assert.deepEqual([edge.from, edge.to, edge.label], ['LISTEN', 'ESTABLISHED', ['not seen in between']]);
    assert.match(edge.line, /^M674 122 L462 277$/);
  });
});

/** The points of a line, a pixel or so apart. @param {string} line @returns {[x: number, y: number][]} */
function pointsOf(line) {
  /** @type {[number, number][]} */
  const points = [];
  let [x, y] = [0, 0];
  const to = (/** @type {number} */ toX, /** @type {number} */ toY) => {
    const steps = Math.max(1, Math.abs(toX - x), Math.abs(toY - y));
    for (let i = 1; i <= steps; i++) points.push([x + (toX - x) * i / steps, y + (toY - y) * i / steps]);
    [x, y] = [toX, toY];
  };
  for (const [, command, numbers] of line.matchAll(/([MHVQL])([\d. -]+)/g)) {
    const n = numbers.trim().split(' ').map(Number);
    if (command === 'M') [x, y] = n;
    else if (command === 'H') to(n[0], y);
    else if (command === 'V') to(x, n[0]);
    else for (let i = 0; i < n.length; i += 2) to(n[i], n[i + 1]);
  }
  return points;
}

const DRAWINGS = [drawingFor(864, 630), drawingFor(864, 440), drawingFor(420, Infinity)];

describe('each drawing', () => {
  for (const drawing of DRAWINGS) {
    it(`${drawing.name}: no line runs through a state, and each from the one it leaves to the one it enters`, () => {
      for (const known of EDGES) {
        const { line, tip, from, to } = drawing.edge(known);
        const points = pointsOf(line);
        for (const node of NODES.map(drawing.node)) {
          const { x, y, width, place } = node;
          const within = (/** @type {[number, number]} */ [px, py], /** @type {number} */ by) => px > x - by && px < x + width + by && py > y - by && py < y + NODE_HEIGHT + by;
          if (place !== from && place !== to) assert.ok(!points.some((point) => within(point, -1)), `${from} to ${to} runs through ${place}`);
          if (place === from) assert.ok(within(points[0], 2), `${from} to ${to} begins elsewhere`);
          if (place === to) assert.ok(within([tip[0], tip[1]], 7) && within(points[points.length - 1], 14), `${from} to ${to} ends elsewhere`);
        }
      }
    });
  }

  it('is the one that there is room for', () => {
    assert.deepEqual(DRAWINGS.map(({ name }) => name), ['whole', 'short', 'close']);
    assert.equal(drawingFor(608, 500).name, 'close'); // beside the ladder, on a projector
  });

  it('draws what is rare, and what RST ends, when it is taken', () => {
    const [whole, , close] = DRAWINGS.map(({ draws }) => EDGES.filter(draws).length);
    assert.deepEqual([whole, close], [21, 14]);
  });
});

describe('the diagram with less room', () => {
  it('keeps its order: every arrow ends at the state that it ended at', () => {
    for (const edge of EDGES) {
      const whole = NODES.find(({ place }) => place === edge.to);
      assert.ok(whole);
      const short = shorterNode(whole);
      const { tip, line } = shorterEdge(edge);
      const beyond = (/** @type {number} */ y, /** @type {number} */ top) => Math.max(top - y, y - top - NODE_HEIGHT, 0);
      assert.ok(Math.abs(beyond(tip[1], short.y) - beyond(edge.tip[1], whole.y)) <= 3, `${edge.from} ${edge.to}`);
      assert.match(line, /^M[\d. HVQL]+$/);
    }
    assert.equal(shorterEdge(EDGES[5]).line.match(/V/g)?.length, 1);
  });

  it('says the event only', () => {
    assert.deepEqual(EDGES.slice(4, 7).map(({ label }) => eventOnly(label)), [['send'], ['got SYN'], ['got SYN']]);
  });
});

describe('the strip', () => {
  const ms = (/** @type {number} */ n) => n * 1e6;

  it('has one window for changes within a second of each other', () => {
    const strip = layoutStrip([ms(10), ms(12), ms(500)], ms(600), 800);
    assert.deepEqual(strip.windows.map(({ from, to }) => [from, to]), [[ms(10), ms(500)]]);
    assert.equal(strip.cuts.length, 0);
  });

  it('cuts quiet time, and the quiet time since the last change', () => {
    const strip = layoutStrip([0, ms(100), ms(5000), ms(5100)], ms(18_100), 800);
    assert.deepEqual(strip.cuts.map(({ ns }) => ns), [ms(4900), ms(13_000)]);
    assert.equal(strip.windows.length, 2);
  });

  it('has one scale for all windows and stays in its width', () => {
    const strip = layoutStrip([0, ms(100), ms(5000), ms(5200)], ms(18_000), 800);
    const scales = strip.windows.map(({ from, to, left, right }) => (right - left) / (to - from));
    assert.ok(Math.abs(scales[0] - scales[1]) < 1e-12);
    assert.ok(strip.windows[1].right < 800);
    assert.equal(strip.x(ms(18_000)), 800);
    assert.equal(strip.x(ms(3000)), strip.cuts[0].at);
    const ordered = [0, ms(50), ms(100), ms(3000), ms(5000), ms(5200)].map(strip.x);
    assert.deepEqual(ordered, [...ordered].sort((a, b) => a - b));
  });

  it('keeps the labels of its axis apart and inside, at every width', () => {
    const words = { cut: (/** @type {number} */ ns) => `${(ns / 1e9).toFixed(1)} s pass`, time: (/** @type {number} */ ns) => `+${(ns / 1e6).toFixed(3)} ms` };
    for (let width = 60; width < 900; width += 7) {
      for (const times of [[0, ms(1), ms(2230), ms(2231)], [0, ms(40), ms(1800)], [0, ms(2000), ms(4000), ms(6000), ms(6100)]]) {
        for (const now of [Math.max(...times), Math.max(...times) + ms(90_000)]) {
          const labels = labelAxis(layoutStrip(times, now, width), width, words).map(({ x, edge, text }) => {
            const wide = text.length * CHAR_PX;
            const from = edge === 'start' ? x : edge === 'end' ? x - wide : x - wide / 2;
            return [from, from + wide];
          }).sort(([a], [b]) => a - b);
          for (const [index, [from, to]] of labels.entries()) {
            assert.ok(from >= 0 && to <= (labels[index + 1]?.[0] ?? width), `${width} px, ${times.map((time) => time / 1e6)}: ${labels.join(' | ')}`);
          }
        }
      }
    }
  });

  it('names a round length of time', () => {
    const mark = scaleMark(400 / ms(100), 800);
    assert.ok(mark);
    assert.equal(mark.ns, ms(20));
    assert.equal(mark.px, 80);
    assert.equal(scaleMark(0, 800), null);
  });
});
