// Wiring: the store, the connection, the parts of the page, and the address bar.

import { fixedActions, portActions, socketActions } from './actions.js';
import { arriveWithCode } from './code.js';
import { CodeDialog } from './code-dialog.js';
import { Connection } from './connection.js';
import { copiesSayTo } from './copy.js';
import { demoActions, nextDemo, openActions, runAgain, runFirst, saveAsDemo, storyMenu } from './demo/actions.js';
import { askToClose, askToTakeOver } from './demo/ask.js';
import { Catalog } from './demo/catalog.js';
import { Files } from './demo/files.js';
import { Front } from './demo/front.js';
import { Runner } from './demo/run.js';
import './demo/story.js';
import { DemoTitle } from './demo/title.js';
import { Desk } from './desk.js';
import { keepDrafts } from './drafts.js';
import { fillHelp } from './help.js';
import './hosts/client-host.js';
import { foldable } from './hosts/rail.js';
import './hosts/server-host.js';
import { t, translatePage } from './i18n.js';
import './inspector/inspector.js';
import { listenToKeys } from './keys.js';
import { languageButton } from './language-switch.js';
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
import './views/code.js';
import './views/netstat.js';
import './views/log.js';
import './views/charts.js';

/** @import {ClientHost} from './hosts/client-host.js' */
/** @import {DemoStory} from './demo/story.js' */
/** @import {ServerHost} from './hosts/server-host.js' */
/** @import {Inspector} from './inspector/inspector.js' */
/** @import {NetstatView} from './views/netstat.js' */

arriveWithCode();
translatePage(document.body);
delete document.documentElement.dataset.untranslated;

const voice = new Voice({ polite: byId('polite'), assertive: byId('assertive'), notices: byId('toasts') });
const store = new Store();
copiesSayTo(voice);
const desk = new Desk(store, voice);
const player = new Player(desk);

const client = /** @type {ClientHost} */ (document.querySelector('client-host'));
const server = /** @type {ServerHost} */ (document.querySelector('server-host'));
const netstat = /** @type {NetstatView} */ (document.querySelector('netstat-view'));
const inspector = /** @type {Inspector} */ (document.querySelector('event-inspector'));
client.desk = desk;
server.desk = desk;
foldable(byId('client'), desk, { host: 'client', name: t('Client host'), toggle: () => fold('client') });
foldable(byId('server'), desk, { host: 'server', name: t('Server host'), toggle: () => fold('server') });
inspector.parts = { desk, player };
document.addEventListener('offerredial', (e) => { if (e instanceof CustomEvent) void desk.act('redial', e.detail.socket); });
document.addEventListener('offerlisten', (e) => { if (e instanceof CustomEvent) server.listen(`:${e.detail.port}`); });

const catalog = new Catalog();
const runner = new Runner(desk, catalog, {
  connection: { fresh: () => connection.fresh() }, ask: askToClose, mayTakeOver: askToTakeOver,
  // For tests, and for who reads faster: ?pace=0 leaves no reading time.
  pace: Number(/^\d(\.\d+)?$/.exec(new URLSearchParams(location.search).get('pace') ?? '')?.[0] ?? 1),
});
const front = new Front(byId('front'), desk, catalog, runner, { openFile: () => files.choose(), runFirst: () => void runFirst(demos) });
const files = new Files(desk, { opened: (opened) => void front.open(opened), link: (text) => void front.openAddress(text, { visit: true }) });
const demos = { desk, catalog, files, front, runner };
player.demo = runner;
/** @type {DemoStory} */ (document.querySelector('demo-story')).parts = { desk, runner, menu: () => storyMenu(demos), next: (id) => nextDemo(demos, id) };
document.addEventListener('runagain', () => void runAgain(demos));
document.addEventListener('savedemo', () => void saveAsDemo(demos));
document.addEventListener('rundemo', () => void runFirst(demos));
new DemoTitle(byId('demo'), desk, runner);
void catalog.load();

const topBar = new TopBar(desk, player, () => codeDialog.ask(''));
languageButton(byId('language'));
const networkSwitch = new NetworkSwitch(desk, { network: byId('network'), speed: byId('speed') });
const wire = new WireDialog(/** @type {HTMLDialogElement} */ (byId('wire')), desk);
document.addEventListener('open-wire', (e) => wire.toggle(e.target instanceof HTMLElement ? e.target : null));
const listen = () => server.listen();
const connect = () => client.connect();
netstat.desk = desk;
const stage = new Stage(desk, player, front);
stage.watchTab((tab) => { inspector.tab = stage.beside ? 'beside' : tab; });
if (stage.beside) inspector.tab = 'beside';
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
}).concat(demoActions(demos));
const palette = new Palette(/** @type {HTMLDialogElement} */ (byId('palette')), (typed) => [...actions, ...portActions(desk, typed), ...socketActions(desk), ...openActions(demos)]);
fillHelp(helpDialog, actions, store);
listenToKeys(actions, voice);
document.addEventListener('click', (e) => {
  const open = e.target instanceof Element ? e.target.closest('[data-open]') : null;
  if (open?.getAttribute('data-open') === 'help') helpDialog.showModal();
  else if (open) palette.toggle();
});

narrate(desk);

// An address with a code that is typed into the bar, before the place in it is looked at.
window.addEventListener('popstate', () => { if (arriveWithCode() && store.connection === 'locked') connection.retry(); });
const place = new Place(store, stage, desk.network, front);
const url = new URL('ws', location.href);
url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
url.hash = '';
const connection = new Connection(store, {
  url: url.href,
  session: place.session,
  onSession(key, renewed) {
    codeDialog.close();
    place.session = key;
    if (!renewed) return;
    desk.activate(null);
    store.select(null);
    store.setPair(null, null);
    voice.notice(t('That session is over and its sockets are closed. This is a new one.'), 'info');
  },
  onNotice: (message) => voice.notice(message),
  onCode: (message) => codeDialog.ask(message),
});
const codeDialog = new CodeDialog(() => connection.retry());
place.onSession = (/** @type {string} */ key) => connection.change(key);
store.attach(connection);
keepDrafts(desk, place);
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
  if (part === 'inspector') return inspector.fold();
  const folded = byId(part).toggleAttribute('data-folded');
  if (part === 'client') voice.say(folded ? t('The client column is folded.') : t('The client column is open.'));
  else voice.say(folded ? t('The server column is folded.') : t('The server column is open.'));
}

/** Esc: out of the field first, then the selection. */
function leave() {
  const focused = document.activeElement;
  if (byId('front').contains(focused) && front.leave()) return;
  if (focused instanceof HTMLInputElement || focused instanceof HTMLTextAreaElement || focused instanceof HTMLSelectElement) focused.blur();
  else if (wire.open) wire.close();
  else if (front.leave()) return;
  else store.select(null);
}
