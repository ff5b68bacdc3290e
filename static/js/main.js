// Wiring: the store, the connection, the parts of the page, and the address bar.

import { fixedActions, portActions, socketActions } from './actions.js';
import { Connection } from './connection.js';
import { Desk } from './desk.js';
import { fillHelp } from './help.js';
import './hosts/client-host.js';
import './hosts/server-host.js';
import './inspector/inspector.js';
import { listenToKeys } from './keys.js';
import { narrate } from './narrate.js';
import { NetworkSwitch } from './network-switch.js';
import { Palette } from './palette.js';
import { Picker } from './picker.js';
import { Place } from './place.js';
import { Player } from './player.js';
import { Stage } from './stage.js';
import { Store } from './store.js';
import { byId, TopBar } from './top-bar.js';
import { Voice } from './voice.js';
import { WireDialog } from './wire/dialog.js';
import './views/ladder.js';
import './views/states.js';
import './views/segments.js';
import './views/netstat.js';
import './views/log.js';
import './views/charts.js';

/** @import {ClientHost} from './hosts/client-host.js' */
/** @import {ServerHost} from './hosts/server-host.js' */
/** @import {Inspector} from './inspector/inspector.js' */
/** @import {NetstatView} from './views/netstat.js' */

const voice = new Voice({ polite: byId('polite'), assertive: byId('assertive'), notices: byId('toasts') });
const store = new Store();
const desk = new Desk(store, voice);
const player = new Player(desk);

const client = /** @type {ClientHost} */ (document.querySelector('client-host'));
const server = /** @type {ServerHost} */ (document.querySelector('server-host'));
const netstat = /** @type {NetstatView} */ (document.querySelector('netstat-view'));
const inspector = /** @type {Inspector} */ (document.querySelector('event-inspector'));
client.desk = desk;
server.desk = desk;
inspector.parts = { desk, player };
document.addEventListener('offerlisten', (e) => { if (e instanceof CustomEvent) server.listen(`:${e.detail.port}`); });

const topBar = new TopBar(desk, player);
const networkSwitch = new NetworkSwitch(desk, { network: byId('network'), speed: byId('speed') });
const wire = new WireDialog(/** @type {HTMLDialogElement} */ (byId('wire')), desk);
document.addEventListener('open-wire', (e) => wire.toggle(e.target instanceof HTMLElement ? e.target : null));
const listen = () => server.listen();
const connect = () => client.connect();
netstat.desk = desk;
const stage = new Stage(desk, player, { listen: () => server.listen(':8330'), connect: () => client.connect(desk.network.target) });
stage.watchTab((tab) => { inspector.tab = tab; });
new Picker(desk);

const helpDialog = /** @type {HTMLDialogElement} */ (byId('help'));
const actions = fixedActions({
  desk, player, stage, networkSwitch, wire, listen, connect,
  send: () => pressSend(),
  fold: (part) => fold(part),
  toggleScale: () => topBar.toggleScale(),
  help: () => helpDialog.showModal(),
  palette: () => palette.toggle(),
  watchPort: () => { stage.open('netstat'); netstat.focusWatch(); },
  escape: () => leave(),
});
const palette = new Palette(/** @type {HTMLDialogElement} */ (byId('palette')), (typed) => [...actions, ...portActions(desk, typed), ...socketActions(desk)]);
fillHelp(helpDialog, actions);
listenToKeys(actions, voice);
document.addEventListener('click', (e) => {
  const open = e.target instanceof Element ? e.target.closest('[data-open]') : null;
  if (open?.getAttribute('data-open') === 'help') helpDialog.showModal();
  else if (open) palette.toggle();
});

narrate(desk);

const place = new Place(store, stage, desk.network);
const url = new URL('ws', location.href);
url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
url.hash = '';
const connection = new Connection(store, {
  url: url.href,
  session: place.session,
  onSession(key, renewed) {
    place.session = key;
    if (!renewed) return;
    desk.activate(null);
    store.select(null);
    store.setPair(null, null);
    voice.notice('That session is over and its sockets are closed. This is a new one.', 'info');
  },
  onNotice: (message) => voice.notice(message),
});
place.onSession = (/** @type {string} */ key) => connection.change(key);
store.attach(connection);
connection.open();

/** The send box belongs to the active card. */
function pressSend() {
  const card = document.querySelector(`.card[data-socket="${CSS.escape(desk.active ?? '')}"]`);
  const field = card?.querySelector('textarea');
  const button = card?.querySelector('[data-send]');
  if (field?.value === '') field.focus();
  else if (button instanceof HTMLElement) button.click();
}

/** @param {'client'|'server'|'inspector'} part */
function fold(part) {
  if (part === 'inspector') inspector.fold();
  else byId(part).toggleAttribute('data-folded');
}

/** Esc: out of the field first, then the selection. */
function leave() {
  const focused = document.activeElement;
  if (focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement || focused instanceof HTMLSelectElement) focused.blur();
  else if (wire.open) wire.close();
  else store.select(null);
}
