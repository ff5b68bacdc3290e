// <code-view>: the programs that do what was clicked, written by the server from the log and asked for again as it grows.

/** @import {Change, CodeFile, CodeLine, Selection} from '../types.js' */
/** @import {LadderModel} from './ladder-model.js' */

import { copyButton, copyText } from '../copy.js';
import { el, icon, setAttr } from '../dom.js';
import { portOf } from '../format.js';
import { download, saveBlob } from '../download.js';
import { segmented } from '../hosts/form.js';
import { language, t } from '../i18n.js';
import { execCommand, networkOf } from '../network.js';
import { codeLanguage, setCodeLanguage } from '../prefs.js';
import { CodeLinks, changesCode, phaseOfCall, seqsOf, textOf } from './code-model.js';
import { buildLadder } from './ladder-model.js';
import { View } from './view.js';

/** How long calls may go on before the programs are asked for again: one click makes several events. */
const SETTLE_MS = 150;

/** @typedef {import('../prefs.js').CodeLanguage} CodeLanguage */
/** A drawn line. @typedef {{line: CodeLine, item: HTMLLIElement}} Drawn */

export class CodeView extends View {
  /** @type {CodeFile[]} */ #files = [];
  /** What was drawn last, to draw only what is new. */ #drawn = '';
  /** @type {Drawn[]} */ #lines = [];
  /** @type {LadderModel | null} */ #ladder = null;
  #links = new CodeLinks(null);
  #language = codeLanguage();
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #asking = false;
  /** Something changed since the programs were asked for. */ #stale = false;

  #panes = el('div', { class: 'code-panes' });
  #said = el('p', { class: 'code-said', role: 'status' });
  #module = el('button', { class: 'btn btn-icon btn-quiet', type: 'button', 'aria-label': t('Download all'), title: t('All files, ready to run'), onclick: () => void this.#download() }, icon('i-save'));

  /** @override @param {AbortSignal} signal */
  begin(signal) {
    const languages = segmented({
      label: t('Language of the programs'), value: this.#language,
      options: [['go', 'Go'], ['python', 'Python'], ['c', 'C'], ['shell', t('shell (nc)')]],
      onchange: (value) => {
        this.#language = /** @type {CodeLanguage} */ (value);
        setCodeLanguage(this.#language);
        void this.#ask();
      },
    });
    this.replaceChildren(
      el('div', { class: 'viewbar code-bar' },
        el('span', null, t('Written from what you clicked.')),
        el('span', { class: 'code-legend muted', 'aria-hidden': 'true' }, t('Segments:'), badge('4', false), t('sent by the line'), badge('4', true), t('ended its wait')),
        el('span', { class: 'code-also push' }, el('span', { class: 'muted' }, t('Also as')), languages.element, this.#module)),
      this.#said, this.#panes);
    this.#panes.addEventListener('click', (event) => this.#click(event), { signal });
    this.#panes.addEventListener('keydown', (event) => this.#key(event), { signal });
    this.#panes.addEventListener('pointerover', (event) => this.#over(event.target), { signal });
    this.#panes.addEventListener('pointerleave', () => this.store.setHover(null), { signal });
    signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
  }

  /** @override @param {Change} [change] */
  draw(change) {
    if (!change || change.reset || change.pair || change.connection) void this.#ask();
    else if (!this.store.paused && change.events.some(changesCode)) this.#soon();
    if (change && (change.events.length > 0 || change.reset)) this.#link();
    if (change?.selection || change?.hover) this.#mark();
  }

  /** @override */
  leave() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Asks when the calls have settled. */
  #soon() {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#ask();
    }, SETTLE_MS);
  }

  /** The connection that is shown; none: all of them. */
  #sockets() {
    const { pair, state } = this.store;
    return [pair.left, pair.right].filter((name) => name !== null && state.sockets.get(name)?.kind === 'conn');
  }

  /** Asks for the programs, one question at a time. */
  async #ask() {
    if (this.#asking) {
      this.#stale = true;
      return;
    }
    if (this.store.connection !== 'live') return;
    this.#asking = true;
    const sockets = this.#sockets();
    try {
      const { files } = await this.store.send({ type: 'code', language: this.#language, comments: language(), ...(sockets.length > 0 && { sockets }) });
      this.#files = files ?? [];
      this.#say('');
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
    }
    this.#asking = false;
    if (!this.active) return;
    this.#redraw();
    if (this.#stale) {
      this.#stale = false;
      this.#soon();
    }
  }

  /** @param {string} text */
  #say(text) {
    this.#said.textContent = text;
    this.#said.hidden = text === '';
  }

  // Drawing.

  #redraw() {
    const drawn = JSON.stringify([this.#language, this.#files, this.#lab, this.#files.map((file) => this.#inTheWay(file)?.socket)]);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      const scrolled = this.#files.map(({ name }) => /** @type {HTMLElement | null} */ (this.#panes.querySelector(`[data-file="${name}"] .code-body`))?.scrollTop ?? 0);
      this.#lines = [];
      this.#panes.replaceChildren(...this.#files.map((file) => this.#pane(file)));
      this.#files.forEach((_, i) => { /** @type {HTMLElement} */ (this.#panes.children[i].querySelector('.code-body')).scrollTop = scrolled[i]; });
    }
    this.#link();
  }

  /** Where the programs are to run, in the Lab: what to type before them. */
  get #lab() {
    const { capabilities, pair, state } = this.store;
    const socket = [pair.left, pair.right].map((name) => (name === null ? undefined : state.sockets.get(name))).find(Boolean) ?? [...state.sockets.values()].find(({ kind }) => kind !== 'other');
    return socket && networkOf(socket) === 'lab' && capabilities?.exec?.available ? capabilities.exec.command ?? '' : '';
  }

  /** @param {CodeFile} file */
  #pane(file) {
    const run = this.#lab ? execCommand(this.#lab, file.host, file.run.includes('&&') ? `sh -c '${file.run}'` : file.run) : file.run;
    const calls = { sockets: file.sockets.join(', '), n: file.calls };
    const what = file.sockets.length === 0 ? t('nothing was done here') : file.calls === 1 ? t('{sockets}, 1 call', calls) : t('{sockets}, {n} calls', calls);
    return el('section', { class: 'code-pane', 'aria-label': file.name, 'data-file': file.name },
      el('header', { class: 'code-head' },
        el('h3', null, file.name), el('span', { class: 'muted', title: what }, what),
        copyButton(() => textOf(file), t('Copy {name}', { name: file.name })),
        el('button', { class: 'btn btn-sm btn-quiet', type: 'button', 'aria-label': t('Download {name}', { name: file.name }), onclick: () => saveBlob(file.name, new Blob([textOf(file)], { type: 'text/plain' })) }, icon('i-save'), el('span', null, t('Download')))),
      el('ol', { class: 'code-body', tabindex: '0', 'aria-label': file.host === 'client' ? t('Source of the client') : t('Source of the server'), translate: 'no' }, ...file.lines.map((line) => this.#line(line))),
      el('footer', { class: 'code-run' }, el('span', { class: 'muted' }, t('Run')), el('code', { title: run }, run),
        copyButton(() => run, t('Copy the command that runs {name}', { name: file.name }))),
      this.#warning(file));
  }

  /** Our own listener that still has the port of the program's. @param {CodeFile} file */
  #inTheWay(file) {
    const text = textOf(file);
    return file.sockets.map((name) => this.store.state.sockets.get(name))
      .find((socket) => socket?.kind === 'listener' && socket.descriptor === 'open' && new RegExp(`\\b${portOf(socket.local)}\\b`).test(text));
  }

  /** What would end the program at its first line. @param {CodeFile} file */
  #warning(file) {
    const listener = this.#inTheWay(file);
    if (!listener) return null;
    const name = listener.socket;
    return el('p', { class: 'code-busy' }, el('span', null, t('{name} is still open on port {port}: close {name} first, or change the port.', { name, port: portOf(listener.local) })),
      el('button', { class: 'btn btn-sm', type: 'button', 'data-acts': true, onclick: () => void this.#close(name) }, t('Close {name}', { name })));
  }

  /** @param {string} socket */
  async #close(socket) {
    try {
      await this.store.send({ type: 'close', socket });
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {CodeLine} line */
  #line(line) {
    const events = (line.seqs ?? []).flatMap((seq) => this.store.event(seq) ?? []);
    const code = el('code', null, line.tokens.map(([kind, text]) => {
      if (kind === 'plain') return text;
      return el('span', { class: `code-${kind}`, 'data-phase': kind === 'call' ? phaseOfCall(text, events) : null }, text);
    }));
    const item = el('li', { 'data-acts-on': line.seqs?.length ? '' : null }, code, el('span', { class: 'segrefs' }));
    this.#lines.push({ line, item });
    return item;
  }

  /** Finds out which segments the lines sent and waited for; they become known after the calls. */
  #link() {
    const { pair, state, events, segments } = this.store;
    this.#ladder = this.#sockets().length > 0 ? buildLadder(pair, state.sockets, events, segments) : null;
    this.#links = new CodeLinks(this.#ladder);
    for (const { line, item } of this.#lines) {
      // A line that sets an option of a Dial stands for it too, and sends nothing itself.
      if (!line.seqs?.length || !item.querySelector('[data-phase]')) continue;
      const { sent, waited, more } = this.#links.badges(line);
      const refs = /** @type {HTMLElement} */ (item.lastElementChild);
      const key = JSON.stringify([sent, waited, more]);
      if (refs.dataset.key === key) continue;
      refs.dataset.key = key;
      refs.replaceChildren(...sent.map((n) => this.#badge(n, false)), ...waited.map((n) => this.#badge(n, true)), ...(more > 0 ? [el('span', { class: 'muted' }, t('and {n} more', { n: more }))] : []));
    }
    this.#mark();
  }

  /** @param {number} segment @param {boolean} waited */
  #badge(segment, waited) {
    const link = badge(String(segment), waited);
    link.setAttribute('aria-label', waited ? t('Waited for segment {n}', { n: segment }) : t('Sent segment {n}', { n: segment }));
    link.setAttribute('href', `#seg-${segment}`);
    link.dataset.segment = String(segment);
    return link;
  }

  /** Marks the line behind what is selected, and lights that of what is hovered. */
  #mark() {
    const { store } = this;
    const what = (/** @type {Selection} */ of) => ({ seqs: seqsOf(of, (seq) => store.event(seq), this.#ladder), segment: store.segmentOf(of) });
    const selected = what(store.selection);
    const hovered = what(store.hover);
    for (const { line, item } of this.#lines) {
      if (!line.seqs?.length) continue;
      setAttr(item, 'data-selected', this.#links.mark(line, selected));
      setAttr(item, 'data-hover', this.#links.mark(line, hovered) && '');
      for (const link of item.querySelectorAll('a')) setAttr(link, 'aria-current', Number(link.dataset.segment) === selected.segment ? 'true' : null);
    }
  }

  // Acting.

  /** @param {EventTarget | null} target */
  #at(target) {
    const item = target instanceof Element ? target.closest('li') : null;
    return this.#lines.find((drawn) => drawn.item === item);
  }

  /** The event that a line is selected by: the newest that it stands for. @param {CodeLine} line @returns {Selection} */
  #eventOf({ seqs = [] }) {
    const seq = seqs.findLast((known) => this.store.event(known) !== undefined);
    return seq === undefined ? null : { kind: 'event', seq };
  }

  /** @param {MouseEvent} event */
  #click(event) {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link?.dataset.segment) {
      event.preventDefault();
      this.store.select(this.store.selectionOf(Number(link.dataset.segment)));
      return;
    }
    // A drag over the text is for copying it.
    if (getSelection()?.isCollapsed === false) return;
    const drawn = this.#at(event.target);
    const selection = drawn && this.#eventOf(drawn.line);
    if (selection) this.store.select(selection);
  }

  /** @param {EventTarget | null} target */
  #over(target) {
    const link = target instanceof Element ? target.closest('a') : null;
    const drawn = this.#at(target);
    if (link?.dataset.segment) this.store.setHover(this.store.selectionOf(Number(link.dataset.segment)));
    else this.store.setHover(drawn ? this.#eventOf(drawn.line) : null);
  }

  /** Arrows go from call to call; Ctrl C without a selection copies the whole file. @param {KeyboardEvent} event */
  #key(event) {
    const body = event.target instanceof HTMLElement ? event.target.closest('.code-body') : null;
    if (!body || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && event.key === 'c' && getSelection()?.isCollapsed !== false) {
      const file = this.#files.find(({ name }) => name === body.closest('section')?.dataset.file);
      if (file) void copyText(textOf(file));
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const rows = this.#lines.filter(({ line, item }) => item.parentElement === body && this.#eventOf(line));
    const now = rows.findIndex(({ item }) => item.dataset.selected === 'call');
    const next = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step];
    if (!next) return;
    this.store.select(this.#eventOf(next.line));
    next.item.scrollIntoView({ block: 'nearest' });
  }

  async #download() {
    const sockets = this.#sockets();
    try {
      const answer = await this.store.send({ type: 'code', language: this.#language, comments: language(), download: true, ...(sockets.length > 0 && { sockets }) });
      if (answer.download) download(answer.download);
    } catch (error) {
      this.#say(t('Not saved: {reason}', { reason: error instanceof Error ? error.message : String(error) }));
    }
  }
}

/** @param {string} text @param {boolean} waited */
function badge(text, waited) {
  return el('a', { 'data-waited': waited }, text);
}

customElements.define('code-view', CodeView);
