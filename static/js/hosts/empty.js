// What a host's column says while it has no socket: what to do there, and what comes of it.

/** @import {Host} from '../types.js' */
/** @import {Desk} from '../desk.js' */

import { el, svg } from '../dom.js';
import { t } from '../i18n.js';
import { networkOf } from '../network.js';

/** @param {Desk} desk @param {Host} host */
export function emptyHost(desk, host) {
  const element = el('section', { class: 'host-empty', 'aria-label': host === 'client' ? t('No client sockets') : t('No listeners') }, picture(host),
    el('p', null, ...(host === 'client'
      ? [el('b', null, t('No sockets here yet.')), ' ', t('Connect dials a real connection. If nobody listens, it is refused, and that is worth seeing.')]
      : [el('b', null, t('No listeners yet.')), ' ', t('Listen opens a real port on this host. Then connect to it from the left.')])));
  const update = () => {
    const empty = ![...desk.store.state.sockets.values()].some((s) => s.host === host && networkOf(s) === desk.network.chosen);
    if (element.hidden === empty) element.hidden = !empty;
  };
  desk.network.watch(update);
  desk.store.subscribe((change) => {
    if (change.reset || change.events.some((e) => e.type === 'socket_opened' || e.type === 'socket_removed')) update();
  });
  return element;
}

/** @param {Host} host */
function picture(host) {
  if (host === 'client') {
    return svg('svg', { viewBox: '0 0 96 40', 'aria-hidden': 'true' }, svg('path', { d: 'M12 4v32M84 4v32' }),
      svg('path', { d: 'm16 12 58 12', 'stroke-dasharray': '3 5' }), svg('path', { class: 'host-tip', d: 'm75 24-9-1 3-6z' }));
  }
  return svg('svg', { viewBox: '0 0 96 40', 'aria-hidden': 'true' }, svg('path', { d: 'M84 4v32' }),
    svg('circle', { class: 'host-door', cx: 84, cy: 20, r: 7 }), svg('circle', { class: 'host-tip', cx: 84, cy: 20, r: 2 }), svg('path', { d: 'M12 4v32', 'stroke-dasharray': '3 5' }));
}
