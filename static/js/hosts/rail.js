// A folded column: a rail with the host's sockets and their states, which a press opens again.

/** @import {Desk} from '../desk.js' */

import { chip, el, icon, setAttr } from '../dom.js';
import { t } from '../i18n.js';
import { networkOf } from '../network.js';

/** As many sockets as a rail names. */
const NAMED = 8;

/**
 * @param {HTMLElement} column
 * @param {Desk} desk
 * @param {{host: 'client'|'server', name: string, toggle: () => void}} of
 */
export function foldable(column, desk, { host, name, toggle }) {
  const sockets = el('span', { class: 'rail-sockets' });
  const open = t('Open the column {name}', { name });
  const rail = el('button', { class: 'rail', type: 'button', 'aria-expanded': 'false', 'aria-label': open, title: open, onclick: () => { toggle(); fold.focus(); } },
    icon(host === 'client' ? 'i-right' : 'i-left'), el('b', null, name), sockets);
  const close = t('Fold the column {name}', { name });
  const fold = el('button', { class: 'btn btn-icon btn-quiet host-fold', type: 'button', 'aria-expanded': 'true', 'aria-label': close, title: `${close} (${host === 'client' ? '[' : ']'})`, onclick: () => { toggle(); rail.focus(); } },
    icon(host === 'client' ? 'i-left' : 'i-right'));
  column.querySelector('.host-head')?.append(fold);
  column.append(rail);

  let drawn = '';
  const draw = () => {
    if (!column.hasAttribute('data-folded')) return;
    const own = [...desk.store.state.sockets.values()].filter((s) => s.host === host && networkOf(s) === desk.network.chosen && (s.state !== 'CLOSED' || s.descriptor === 'open'));
    const shown = own.slice(-NAMED);
    const key = shown.map((s) => `${s.socket} ${s.state}`).join() + own.length;
    if (key === drawn) return;
    drawn = key;
    sockets.replaceChildren(...shown.map((s) => el('span', null, el('b', null, s.socket), chip(s.state, { reason: s.reason }))),
      ...(own.length > NAMED ? [el('span', { class: 'muted' }, t('and {n} more', { n: own.length - NAMED }))] : []));
    setAttr(rail, 'aria-description', shown.map((s) => `${s.socket} ${s.state}`).join(', '));
  };
  desk.store.subscribe(draw);
  desk.network.watch(draw);
  new MutationObserver(draw).observe(column, { attributeFilter: ['data-folded'] });
  draw();

  // At projector size the columns would leave the stage too little of a screen as wide as this.
  const narrow = matchMedia('(width > 1100px) and (width <= 1380px)');
  let fitted = false;
  let before = false;
  const fit = () => {
    const wanted = narrow.matches && document.documentElement.dataset.scale === 'large';
    if (wanted === fitted) return;
    fitted = wanted;
    if (wanted) before = column.hasAttribute('data-folded');
    column.toggleAttribute('data-folded', wanted || before);
  };
  new MutationObserver(fit).observe(document.documentElement, { attributeFilter: ['data-scale'] });
  narrow.addEventListener('change', fit);
  fit();
}
