// The top bar: playback, whether the server is there, theme and size.

/** @import {Desk} from './desk.js' */
/** @import {Player} from './player.js' */
/** @import {Theme} from './prefs.js' */

import { setAttr, setText } from './dom.js';
import { count, phaseOf } from './format.js';
import { t, texts } from './i18n.js';
import * as prefs from './prefs.js';

/** @type {Theme[]} */
const THEMES = ['system', 'light', 'dark'];
/** @type {Record<Theme, string>} */
const THEME_NAMES = texts({ system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' });

const LOST = texts({
  unknown: 'Lost the server. If it still runs, your sockets stay open there for a minute.',
  stopped: 'The server was stopped; it has closed every socket. Start it again and this page comes back.',
  locked: 'The playground opens only with its code.',
});

export class TopBar {
  #desk;
  #back = button('step-back');
  #pause = button('pause');
  #forward = button('step-forward');
  #live = byId('live');
  #theme = button('theme');
  #scale = button('scale');
  #lost = byId('lost');
  #lostText = /** @type {HTMLElement} */ (this.#lost.querySelector('span'));
  #retry = /** @type {HTMLButtonElement} */ (this.#lost.querySelector('button'));
  #unlock;
  #player;
  #offline = false;

  /** @param {Desk} desk @param {Player} player @param {() => void} unlock asks for the code */
  constructor(desk, player, unlock) {
    this.#unlock = unlock;
    this.#desk = desk;
    this.#player = player;
    this.#back.addEventListener('click', () => player.step(-1));
    this.#pause.addEventListener('click', () => player.togglePause());
    this.#forward.addEventListener('click', () => player.step(1));
    this.#theme.addEventListener('click', () => this.#nextTheme());
    this.#scale.addEventListener('click', () => this.toggleScale());
    this.#retry.addEventListener('click', () => { if (desk.store.connection === 'locked') this.#unlock(); else desk.store.retry(); });
    desk.store.subscribe(() => this.#update());
    player.demo?.watch(() => this.#update());
    document.addEventListener('click', (e) => {
      if (!this.#offline || !(e.target instanceof Element) || !e.target.closest('[data-acts]')) return;
      e.preventDefault();
      e.stopImmediatePropagation();
      desk.voice.notice(desk.store.connection === 'locked' ? t('The playground opens only with its code.') : t('The server is not connected. Wait, or press Retry.'));
    }, { capture: true });
    // Only "reconnecting in 3 s" changes without an event.
    setInterval(() => { if (desk.store.connection === 'lost') this.#update(); }, 250);
    this.#showTheme();
    this.#showScale();
    this.#update();
  }

  toggleScale() {
    prefs.setLarge(!prefs.large());
    this.#showScale();
  }

  #nextTheme() {
    prefs.setTheme(THEMES[(THEMES.indexOf(prefs.theme()) + 1) % THEMES.length]);
    this.#showTheme();
    this.#desk.voice.say(t(THEME_NAMES[prefs.theme()]));
  }

  #showTheme() {
    const name = t(THEME_NAMES[prefs.theme()]);
    setAttr(this.#theme, 'aria-label', name);
    setAttr(this.#theme, 'title', name);
  }

  #showScale() {
    setAttr(this.#scale, 'aria-pressed', String(prefs.large()));
  }

  #update() {
    const { store } = this.#desk;
    const none = store.events.length === 0;
    const { demo } = this.#player;
    const paused = demo?.active ? demo.run?.status === 'paused' : store.paused;
    this.#back.disabled = demo?.telling ? demo.step === 0 : none;
    this.#forward.disabled = demo?.telling ? !demo.canNext : none;
    this.#pause.disabled = demo?.active ? demo.run?.status === 'asking' || store.connection !== 'live' : none && !store.paused;
    const name = paused ? t('Play') : t('Pause');
    setAttr(this.#pause, 'aria-label', name);
    setAttr(this.#pause, 'title', t('{name} (Space)', { name }));
    setAttr(/** @type {Element} */ (this.#pause.querySelector('use')), 'href', paused ? '#i-play' : '#i-pause');

    const [shape, phase, text] = this.#status();
    setAttr(this.#live, 'data-phase', phase);
    setAttr(/** @type {Element} */ (this.#live.querySelector('use')), 'href', `#${shape}`);
    setText(/** @type {Element} */ (this.#live.querySelector('span')), text);

    const locked = store.connection === 'locked';
    const lost = locked || store.connection === 'lost' || (store.connection === 'connecting' && store.session !== '');
    if (lost) setText(this.#lostText, t(locked ? LOST.locked : store.stopped ? LOST.stopped : LOST.unknown));
    setText(this.#retry, locked ? t('Enter the code') : t('Retry'));
    if (this.#lost.hidden === lost) this.#lost.hidden = !lost;
    this.#setOffline(store.connection !== 'live');
  }

  /** While the server is away, nothing that acts can act; what was typed can still be changed. @param {boolean} offline */
  #setOffline(offline) {
    if (this.#offline === offline) return;
    this.#offline = offline;
    for (const control of document.querySelectorAll('[data-acts]')) setAttr(control, 'aria-disabled', offline ? 'true' : null);
  }

  /** @returns {[shape: string, phase: string, text: string]} */
  #status() {
    const { store } = this.#desk;
    switch (store.connection) {
      case 'connecting':
        return ['s-idle', phaseOf('CLOSED'), t('connecting')];
      case 'lost': {
        const wait = Math.max(0, store.retryAt - performance.now());
        return ['s-error', 'error', Number.isFinite(wait) ? t('reconnecting in {n} s', { n: Math.ceil(wait / 1000) }) : t('not connected')];
      }
      case 'locked':
        return ['s-error', 'error', t('needs the code')];
      case 'live':
        return store.paused ? ['s-paused', 'idle', store.waiting ? t('paused, {n} new', { n: count(store.waiting) }) : t('paused')] : ['s-open', 'open', t('live')];
    }
  }
}

/** @param {string} id */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id */
function button(id) {
  return /** @type {HTMLButtonElement} */ (byId(id));
}
