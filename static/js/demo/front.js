// What lies on the stage before or instead of the views: the gallery, or a demo that was opened.

/** @import {Catalog, Opened} from './catalog.js' */
/** @import {Desk} from '../desk.js' */
/** @import {PlaygroundEvent} from '../types.js' */
/** @import {Runner} from './run.js' */

import { t } from '../i18n.js';
import { byId } from '../top-bar.js';
import { Gallery } from './gallery.js';
import { decode, encode } from './link.js';
import { Sheet } from './sheet.js';
import { demoActs } from './story-model.js';

/** What a session tells of itself before the person has done anything: the Lab opens with the choice of the network. @type {Set<PlaygroundEvent['type']>} */
const BACKGROUND = new Set(/** @type {const} */ (['lab_opened', 'lab_closed', 'wire_changed', 'kernel_settings_read', 'quick_ack_set', 'notice']));
/** More of those than any session begins with. */
const BEGINNING = 100;

export class Front {
  /** What the address says is open: the name of a built-in demo, or a whole one; '' for none. */ address = '';
  #place;
  #desk;
  #catalog;
  #gallery;
  #sheet;
  /** `auto`: the gallery while nothing was done. @type {'auto'|'gallery'|'demo'|'away'} */ #mode = 'auto';
  #nothingDone = true;
  /** Whether the page knows what was done: not before all of the session has come. */ #known = false;
  /** Whether the gallery was shown when the watchers last heard. */ #told = false;
  /** Only the newest opening counts. */ #opening = 0;
  /** @type {HTMLElement|null} */ #opener = null;
  /** @type {Set<(opened: boolean) => void>} */ #watchers = new Set();

  /**
   * @param {HTMLElement} place @param {Desk} desk @param {Catalog} catalog @param {Runner} runner
   * @param {{openFile: () => void, runFirst: () => void}} acts
   */
  constructor(place, desk, catalog, runner, { openFile, runFirst }) {
    this.#place = place;
    this.#desk = desk;
    this.#catalog = catalog;
    this.#gallery = new Gallery(desk, catalog, {
      open: (entry) => void this.openAddress(entry.id, { visit: true }),
      openFile, runFirst, close: () => this.away(),
    });
    this.#sheet = new Sheet(desk, catalog, runner, { back: () => this.openGallery(), close: () => this.away() });
    place.append(this.#gallery.element, this.#sheet.element);
    catalog.watch(() => this.#draw());
    desk.store.subscribe((change) => {
      const { store } = desk;
      this.#known ||= store.caughtUp;
      if (change.reset || this.#nothingDone) this.#nothingDone = store.state.sockets.size === 0 && !store.state.demo && store.events.length < BEGINNING && store.events.every((e) => BACKGROUND.has(e.type));
      // The new session of a run that begins is empty for a moment, which is no first screen.
      if (change.reset && this.#mode === 'auto' && !this.#told && runner.starting) this.#mode = 'away';
      // A run, and what the person opens by hand, want to be seen.
      const began = (/** @type {(event: PlaygroundEvent) => boolean} */ is) => !change.reset && change.events.some(is);
      const byHand = began((e) => e.type === 'socket_opened' && e.kind !== 'other') && (this.#mode === 'gallery' || !demoActs(store.state.demo));
      if ((byHand || began((e) => e.type === 'demo_started')) && (this.#mode === 'gallery' || this.#mode === 'demo')) this.#set('auto', '', true);
      else this.#draw();
      // The first screen comes and goes by itself; Back leads to it.
      if (this.galleryShown !== this.#told) this.#tell(this.#told && !change.reset);
    });
    document.addEventListener('keydown', (e) => {
      if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || this.#gallery.element.hidden || !this.shown || document.querySelector('dialog:modal')) return;
      if (e.target instanceof HTMLElement && e.target.closest('input:not([type="radio"], [type="checkbox"]), textarea, select')) return;
      e.preventDefault();
      this.#gallery.focusSearch();
    });
    document.addEventListener('opendemos', () => this.openGallery());
    this.#draw();
  }

  get shown() {
    return this.#mode === 'gallery' || this.#mode === 'demo' || (this.#mode === 'auto' && this.#known && this.#nothingDone);
  }

  get galleryShown() {
    return this.shown && this.#mode !== 'demo';
  }

  /** @param {(visit: boolean) => void} fn called when something else is shown; `visit`: a place to come back to */
  watch(fn) {
    this.#watchers.add(fn);
  }

  openGallery() {
    this.#remember();
    this.#set(this.#nothingDone ? 'auto' : 'gallery', '', true);
    // On a touch screen the keyboard would cover what was opened.
    if (matchMedia('(pointer: coarse)').matches) this.#gallery.focusList();
    else this.#gallery.focusSearch();
  }

  /** The views again. */
  away() {
    const was = this.shown;
    this.#mode = 'away';
    this.address = '';
    if (!was) return;
    this.#set('away', '', true);
    this.#outside();
  }

  /** Esc: what was opened over the views goes; the first screen stays, and gives the focus away. @returns {boolean} whether something was left */
  leave() {
    const within = this.#place.contains(document.activeElement);
    const opened = this.#mode === 'gallery' || this.#mode === 'demo';
    if (!opened && !within) return false;
    if (opened && !this.#nothingDone) this.away();
    else if (opened) this.#set('auto', '', true);
    if (within) this.#outside();
    return true;
  }

  /** The focus goes back to what opened this, or to the button that does; on the first screen it stays there, but in no field. */
  #outside() {
    const opener = this.#opener;
    this.#opener = null;
    if (this.galleryShown) this.#gallery.focusList();
    else if (opener?.isConnected && opener.checkVisibility()) opener.focus();
    else byId('open-demos').focus();
  }

  /** @param {Opened} opened */
  async open(opened) {
    this.#remember();
    const mine = ++this.#opening;
    const address = opened.builtIn ? opened.demo.id : await encode(opened.demo) ?? '';
    if (mine !== this.#opening) return;
    this.#sheet.show(opened);
    this.#set('demo', address, true);
    this.#sheet.focus();
  }

  /** What the fragment says: a built-in demo by its name, or a whole one. @param {string} address @param {{visit?: boolean}} [options] */
  async openAddress(address, { visit = false } = {}) {
    const mine = ++this.#opening;
    this.#remember();
    const found = await this.#read(address);
    if (mine !== this.#opening) return;
    if ('error' in found) this.#sheet.showError(found.error);
    else this.#sheet.show(found);
    this.#set('demo', 'error' in found ? '' : address, visit);
    this.#sheet.focus();
  }

  /** What the address bar came back to: a demo, the gallery, or the views. @param {{demo: string, demos: boolean}} place */
  async goTo({ demo, demos }) {
    if (demo !== '') return this.openAddress(demo);
    this.#opening++;
    this.#set(demos ? 'gallery' : 'away', '');
  }

  /** @param {string} address @returns {Promise<Opened | {error: string}>} */
  async #read(address) {
    if (!/^[a-z0-9-]{1,40}$/.test(address)) return decode(address);
    await this.#catalog.loaded;
    const { entries } = this.#catalog;
    if (entries.length > 0 && !entries.some((entry) => entry.id === address)) return { error: t('There is no demo of that name here.') };
    try {
      return await this.#catalog.open(address);
    } catch {
      return { error: t('The demo could not be loaded. Check the connection and try again.') };
    }
  }

  #remember() {
    this.#place.setAttribute('data-opened', ''); // what is asked for comes at once, and can have the focus
    if (!this.shown && document.activeElement instanceof HTMLElement) this.#opener = document.activeElement;
  }

  /** @param {'auto'|'gallery'|'demo'|'away'} mode @param {string} address */
  #set(mode, address, visit = false) {
    this.#mode = mode;
    this.address = address;
    this.#draw();
    this.#tell(visit);
  }

  /** @param {boolean} visit */
  #tell(visit) {
    this.#told = this.galleryShown;
    for (const fn of this.#watchers) fn(visit);
  }

  #draw() {
    const appears = this.galleryShown && (this.#place.hidden || this.#gallery.element.hidden);
    this.#place.hidden = !this.shown;
    this.#gallery.element.hidden = this.#mode === 'demo';
    this.#sheet.element.hidden = this.#mode !== 'demo';
    if (this.galleryShown) this.#gallery.draw();
    // One switch of the language: the gallery has it in its own row.
    const language = byId('language');
    if (appears && document.activeElement === language) this.#gallery.focusLanguage();
    if (language.hidden !== this.galleryShown) language.hidden = this.galleryShown;
  }
}
