// <states-view>: the state diagram with the way that each end took, and the same in time.

/** @import {Change, Phase} from '../types.js' */
/** @import {Edge, Node} from './states-map.js' */
/** @import {Stay, Step} from './states-model.js' */

import { el, setAttr, setText, svg } from '../dom.js';
import { duration, phaseOf } from '../format.js';
import { language, t } from '../i18n.js';
import { WHOLE, drawingFor } from './states-drawing.js';
import { EDGES, NODES, directEdge, nodeAt, places } from './states-map.js';
import { edgeItem, nodeItem } from './states-parts.js';
import { Trail, buildTrail, timeIn } from './states-model.js';
import { StatesStrip } from './states-strip.js';
import { View } from './view.js';
import { reasonWords } from './words.js';

/** @typedef {'left' | 'right'} End */
/** @typedef {{end: End, step: Step}} Taken */

/** @typedef {{edge: Edge, item: SVGElement, taken: boolean}} DrawnEdge */

/** Times on a node that go on. @typedef {{text: SVGTextElement, stays: Stay[], prefix: string}} Running */

/** Where the page scrolls and not the view (shell.css). */
const SCROLLS = matchMedia('(max-width: 1100px)');

/** English writes small numbers as words. */
const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

export class StatesView extends View {
  /** @override */
  tickEvery = 100;

  /** @type {Record<End, Trail | null>} */ #trails = { left: null, right: null };
  #stale = true;
  #changed = true;
  /** @type {'both' | End} */ #ends = 'both';
  /** Everything that shows an event. @type {Map<number, Element[]>} */ #lit = new Map();
  /** @type {Running[]} */ #running = [];
  /** Edges as they are drawn, in the order of the diagram. @type {DrawnEdge[]} */ #edges = [];

  #bar = el('div', { class: 'viewbar states-bar' });
  #edgeLayer = svg('g', { role: 'group', 'aria-label': t('Transitions') });
  #nodeLayer = svg('g', { role: 'list', 'aria-label': t('States') });
  #map = svg('svg', { class: 'states-map', viewBox: WHOLE.viewBox, role: 'group', 'aria-label': t('TCP state diagram of RFC 9293') }, this.#edgeLayer, this.#nodeLayer);
  #scroll = el('div', { class: 'states-scroll' }, this.#map);
  #strip = new StatesStrip(() => {
    this.#fit();
    this.#drawStrip();
    this.#mark();
  });
  #drawing = WHOLE;
  #hint = el('p', { class: 'states-hint' }, t('Connect, and the path is drawn here.'));

  /** @override @param {AbortSignal} signal */
  begin(signal) {
    this.replaceChildren(this.#bar, this.#scroll, this.#hint, this.#strip.element);
    this.#stale = true;
    for (const type of ['pointerover', 'focusin']) this.addEventListener(type, (event) => this.#over(event.target), { signal });
    for (const type of ['pointerleave', 'focusout']) this.addEventListener(type, () => this.store.setHover(null), { signal });
    this.addEventListener('click', (event) => this.#choose(event.target), { signal });
    this.#map.addEventListener('keydown', (event) => this.#key(event), { signal });
    const resize = new ResizeObserver(() => {
      if (!this.active) return;
      this.#fit();
      this.#drawStrip();
    });
    resize.observe(this);
    signal.addEventListener('abort', () => resize.disconnect(), { once: true });
  }

  /** @override @param {Change} change */
  take(change) {
    if (change.reset || change.pair) this.#stale = true;
    if (this.#stale) return;
    for (const event of change.events) {
      if (event.type !== 'state_changed') continue;
      if (this.#trails.left?.add(event)) this.#changed = true;
      if (this.#trails.right?.add(event)) this.#changed = true;
    }
  }

  /** @override */
  draw() {
    if (this.#stale) {
      const { pair, state, events, segments } = this.store;
      this.#trails = { left: buildTrail(pair.left, state.sockets, events, segments), right: buildTrail(pair.right, state.sockets, events, segments) };
      this.#stale = false;
      this.#changed = true;
      if (this.#ends !== 'both' && !this.#trails[this.#ends]) this.#ends = 'both';
    }
    if (this.#changed) {
      this.#changed = false;
      this.#drawBar();
      this.#drawMap();
      this.#drawStrip();
      this.#fit();
    }
    this.#mark();
  }

  /** @override */
  tick() {
    const now = this.store.now();
    for (const { text, stays, prefix } of this.#running) setText(text, prefix + duration(timeIn(stays, now)));
    if (this.#strip.runOn(now)) this.#drawStrip();
  }

  /** The ends to draw. @returns {[End, Trail][]} */
  #shown() {
    return /** @type {End[]} */ (['left', 'right']).flatMap((end) => {
      const trail = this.#trails[end];
      return trail && (this.#ends === 'both' || this.#ends === end) ? [/** @type {[End, Trail]} */ ([end, trail])] : [];
    });
  }

  #drawBar() {
    const trails = /** @type {[End, Trail | null][]} */ ([['left', this.#trails.left], ['right', this.#trails.right]]);
    const known = trails.flatMap(([end, trail]) => (trail ? [{ end, trail }] : []));
    const legend = (/** @type {string} */ kind, /** @type {string} */ text) => el('span', { class: 'legend', 'data-line': kind }, svg('svg', { viewBox: '0 0 32 12', 'aria-hidden': 'true' }, svg('path', { d: 'M0 6h32' })), text);
    this.#bar.replaceChildren(
      ...known.map(({ end, trail }) => legend(end, stepsWords(trail))),
      legend('none', t('not taken')),
      el('span', { class: 'muted push', title: t('Behind a label, #4 is the segment with which the state changed') }, t('How we know')),
      el('span', { class: 'tag', title: t('Read from the kernel’s socket table') }, 'sock_diag'),
      el('span', { class: 'tag', title: t('A call of ours returned it') }, t('call')),
      el('span', { class: 'tag', 'data-source': 'inferred', title: t('It must have been so; nobody saw it') }, t('inferred')));
    if (known.length < 2) return;
    const choice = (/** @type {'both' | End} */ value, /** @type {string} */ text) => el('label', null,
      el('input', { class: 'sr-only', type: 'radio', name: 'states-ends', checked: this.#ends === value, onchange: () => this.#showEnds(value) }), text);
    this.#bar.append(el('div', { class: 'segmented segmented-sm', role: 'radiogroup', 'aria-label': t('Ends shown') },
      choice('both', t('Both')), ...known.map(({ end, trail }) => choice(end, trail.socket))));
  }

  /** @param {'both' | End} ends */
  #showEnds(ends) {
    this.#ends = ends;
    this.#drawMap();
    this.#drawStrip();
    this.#mark();
  }

  /** The whole diagram is in sight: where it would be small, it leaves out what is least missed, and the strip below folds. */
  #fit() {
    // Where the page scrolls, the diagram is as high as its width makes it.
    const height = () => (SCROLLS.matches ? Infinity : this.#scroll.clientHeight);
    const opened = this.#strip.fit(height());
    const drawing = drawingFor(this.#scroll.clientWidth, height());
    if (drawing !== this.#drawing) {
      this.#drawing = drawing;
      this.#map.setAttribute('viewBox', drawing.viewBox);
      setAttr(this.#map, 'data-drawing', drawing.name);
      this.#drawMap();
    } else if (!opened) return;
    this.#drawStrip();
    this.#mark();
  }

  #drawMap() {
    const focused = this.#edges.findIndex(({ item }) => item === document.activeElement);
    this.#lit.clear();
    this.#running = [];
    const taken = this.#takenEdges();
    const free = EDGES.filter((edge) => this.#drawing.draws(edge) && !taken.has(edge));
    this.#edges = [...free, ...taken.keys()].map((edge) => this.#edge(edge, taken.get(edge) ?? []));
    // What lies beneath nodes and numbers comes first; the keyboard follows the diagram, not the drawing.
    this.#edgeLayer.replaceChildren(...this.#edges.map(({ item }) => item));
    this.#edges.sort((a, b) => order(a.edge) - order(b.edge));
    this.#nodeLayer.replaceChildren(...NODES.map((node) => this.#node(node)));
    this.#stopAt(this.#edges[focused]?.item ?? this.#edges.find(({ taken }) => taken)?.item ?? this.#edges[0]?.item, focused >= 0);
    const nothing = this.#trails.left === null && this.#trails.right === null;
    setAttr(this.#hint, 'hidden', nothing ? null : '');
  }

  /** @returns {Map<Edge, Taken[]>} */
  #takenEdges() {
    /** @type {Map<string, Edge>} */
    const made = new Map();
    /** @type {Map<Edge, Taken[]>} */
    const taken = new Map();
    for (const [end, trail] of this.#shown()) {
      for (const step of trail.steps) {
        const [from, to] = places(step.from, step.to);
        const name = `${from} ${to}`;
        const edge = EDGES.find((known) => known.from === from && known.to === to) ?? made.get(name) ?? directEdge(nodeAt(from), nodeAt(to));
        made.set(name, edge);
        const list = taken.get(edge) ?? [];
        list.push({ end, step });
        taken.set(edge, list);
      }
    }
    return taken;
  }

  /** @param {Edge} edge @param {Taken[]} taken */
  #edge(edge, taken) {
    const item = edgeItem(this.#drawing.edge(edge), taken, (end) => this.#trails[end]?.socket ?? '', this.#drawing);
    for (const { step } of taken) this.#light(step.event.seq, item);
    return { edge, item, taken: taken.length > 0 };
  }

  /** @param {Node} node */
  #node(node) {
    /** @type {import('./states-parts.js').Entry[]} */
    const entries = [];
    /** @type {{end: End, socket: string}[]} */
    const here = [];
    /** @type {Phase} */
    let phase = phaseOf(node.state);
    const shown = this.#shown();
    /** @type {number[]} */
    const seqs = [];
    let been = false;
    for (const [end, trail] of shown) {
      const now = trail.now;
      const stays = trail.stays.filter((stay) => stay.state === node.state && placeOf(stay) === node.place);
      for (const stay of stays) if (stay.event) seqs.push(stay.event.seq);
      been ||= stays.length > 0 || (trail.steps.length > 0 && places(trail.steps[0].from, trail.steps[0].to)[0] === node.place);
      if (now && stays.includes(now)) {
        here.push({ end, socket: trail.socket });
        phase = phaseOf(now.state, now.event?.reason);
      }
      const last = stays.at(-1);
      const side = node.beside[end];
      if (node.place === 'LISTEN' && trail.listener && trail.steps.length > 0) {
        entries.push({ end, side, text: t('{listener} listens', { listener: trail.listener }), source: 'call', stays: [], prefix: '' });
      } else if (last && node.place === 'CLOSED') {
        entries.push({ end, side, text: goneWords(last), source: last.source, stays: [], prefix: '' });
      } else if (last && node.place !== 'START') {
        // How long a state lasted that nobody saw, nobody knows.
        const unseen = stays.every((stay) => stay.source === 'inferred' && stay.until !== null);
        const text = unseen ? t('not seen') : duration(timeIn(stays, this.store.now()));
        entries.push({ end, side, text, source: last.source, stays, prefix: '' });
      }
    }
    // Two ends on one side of a state need their names.
    if (entries.length === 2 && entries[0].side === entries[1].side) {
      for (const entry of entries) entry.prefix = `${this.#trails[entry.end]?.socket} `;
    }
    const { item, times } = nodeItem({ node: this.#drawing.node(node), phase, been, here, entries, beside: this.#drawing.times });
    for (const [index, text] of times.entries()) {
      const { stays, prefix } = entries[index];
      if (stays.some((stay) => stay.until === null)) this.#running.push({ text, stays, prefix });
    }
    if (seqs.length > 0) item.dataset.seq = String(Math.max(...seqs));
    for (const seq of seqs) this.#light(seq, item);
    return item;
  }

  #drawStrip() {
    const bands = this.#strip.draw(this.#shown().map(([, trail]) => trail), this.store.now());
    for (const [seq, item] of bands) this.#light(seq, item);
  }

  /** @param {number} seq @param {Element} item */
  #light(seq, item) {
    const items = this.#lit.get(seq);
    if (items) items.push(item);
    else this.#lit.set(seq, [item]);
  }

  /** What shows an event, or the states that a segment changed. @param {import('../types.js').Selection} selection */
  #litBy(selection) {
    const segment = this.store.segmentOf(selection);
    if (segment !== null) return this.store.segments.get(segment)?.states.flatMap((event) => this.#lit.get(event.seq) ?? []);
    return selection?.kind === 'event' ? this.#lit.get(selection.seq) : undefined;
  }

  /** Hover and selection light the band, the node and the edge of an event. */
  #mark() {
    const { hovers, selection } = this.store;
    const hovered = hovers.flatMap((hover) => this.#litBy(hover) ?? []);
    const selected = this.#litBy(selection);
    for (const old of this.querySelectorAll('[data-hover], [data-selected]')) {
      setAttr(old, 'data-hover', hovered.includes(old) ? '' : null);
      setAttr(old, 'data-selected', selected?.includes(old) ? '' : null);
    }
    for (const item of hovered) setAttr(item, 'data-hover', '');
    for (const item of selected ?? []) setAttr(item, 'data-selected', '');
  }

  /** @param {EventTarget | null} target */
  #seqAt(target) {
    const item = target instanceof Element ? target.closest('[data-seq]') : null;
    return Number(item?.getAttribute('data-seq') ?? 0);
  }

  /** @param {EventTarget | null} target */
  #over(target) {
    const seq = this.#seqAt(target);
    this.store.setHover(seq ? { kind: 'event', seq } : null);
  }

  /** @param {EventTarget | null} target */
  #choose(target) {
    const seq = this.#seqAt(target);
    if (seq) this.store.select({ kind: 'event', seq });
  }

  // Keys: right onwards and left back along the edges, up and down between edges that leave the same state.

  /** @param {KeyboardEvent} event */
  #key(event) {
    const at = this.#edges.find(({ item }) => item === event.target);
    if (!at || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#choose(at.item);
      return;
    }
    const next = this.#neighbour(at, event.key);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    this.#stopAt(next.item, true);
  }

  /** @param {{edge: Edge, item: SVGElement}} at @param {string} key */
  #neighbour(at, key) {
    const best = (/** @type {DrawnEdge[]} */ edges) => edges.find(({ taken }) => taken) ?? edges[0];
    const siblings = this.#edges.filter(({ edge }) => edge.from === at.edge.from);
    const index = siblings.findIndex(({ item }) => item === at.item);
    switch (key) {
      // CLOSED stands twice and is one state: from the lower one a new connection starts at the upper.
      case 'ArrowRight': return best(this.#edges.filter(({ edge }) => edge.from === (at.edge.to === 'CLOSED' ? 'START' : at.edge.to)));
      case 'ArrowLeft': return best(this.#edges.filter(({ edge }) => edge.to === at.edge.from));
      case 'ArrowDown': return siblings[(index + 1) % siblings.length];
      case 'ArrowUp': return siblings[(index + siblings.length - 1) % siblings.length];
      case 'Home': return best(this.#edges);
      default: return undefined;
    }
  }

  /** @param {SVGElement | undefined} stop @param {boolean} focus */
  #stopAt(stop, focus) {
    for (const { item } of this.#edges) item.setAttribute('tabindex', item === stop ? '0' : '-1');
    if (focus) stop?.focus();
  }
}

/** @param {Edge} edge */
function order(edge) {
  const at = EDGES.indexOf(edge);
  return at < 0 ? EDGES.length : at;
}

/** Which of the two CLOSED a stay is in. @param {Stay} stay */
function placeOf(stay) {
  if (stay.state !== 'CLOSED') return nodeAt(stay.state).place;
  return stay.event ? places(stay.event.from, 'CLOSED')[1] : 'START';
}

/** "C1, three steps" @param {Trail} trail */
function stepsWords({ socket, steps }) {
  const n = language() === 'en' ? NUMBERS[steps.length] ?? steps.length : steps.length;
  return steps.length === 1 ? t('{socket}, {n} step', { socket, n }) : t('{socket}, {n} steps', { socket, n });
}

/** @param {Stay} stay */
function goneWords(stay) {
  const reason = stay.event?.reason;
  return reason === 'reset_sent' || reason === 'reset_received' || reason === 'timed_out' || reason === 'aborted' ? reasonWords(reason) : t('row gone');
}

customElements.define('states-view', StatesView);
