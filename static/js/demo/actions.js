// What can be done with demos, for the palette.

/** @import {Action} from '../actions.js' */
/** @import {Catalog, Opened} from './catalog.js' */
/** @import {Desk} from '../desk.js' */
/** @import {Files} from './files.js' */
/** @import {Front} from './front.js' */
/** @import {MenuItem} from '../menu.js' */
/** @import {Runner} from './run.js' */

import { messageOf } from '../desk.js';
import { localise, server, t } from '../i18n.js';
import { askTitle } from './ask.js';
import { demoAfter, firstDemo, inOrder } from './gallery-model.js';
import { copyLink, saveFile } from './keep.js';

/** @typedef {{desk: Desk, catalog: Catalog, files: Files, front: Front, runner: Runner}} Demos */

/** @param {Demos} demos @returns {Action[]} */
export function demoActions(demos) {
  const { desk, catalog, files, front, runner } = demos;
  const group = /** @type {const} */ ('Demos');
  const offline = () => (desk.store.connection === 'live' ? '' : t('The server is not connected.'));
  const none = () => (runner.run ? '' : t('No demo was run in this session.'));
  const idle = () => offline() || (runner.active ? '' : t('No demo is running.'));
  return [
    { name: t('Demos'), hint: t('the gallery'), group, act: () => front.openGallery() },
    { name: t('Run the handshake demo'), hint: t('in a new session'), group, why: () => offline() || (catalog.entries.length ? '' : t('The demos could not be loaded.')), act: () => void runFirst(demos) },
    { name: t('Open a demo file'), hint: t('it is shown, and not run'), group, why: offline, act: () => files.choose() },
    { name: t('Pause or go on with the demo'), group, why: idle, act: () => runner.togglePause() },
    { name: t('Take over'), hint: t('ends the demo, keeps its sockets'), group, why: idle, act: () => void runner.control('stop') },
    { name: t('Run again'), hint: t('the demo of this session'), group, why: () => offline() || none(), act: () => void runAgain(demos) },
    { name: t('Copy link to the demo'), group, why: none, act: () => void keep(demos, (opened) => copyLink(opened, catalog, desk.voice)) },
    { name: t('Save as demo'), hint: t('what was done by hand'), words: 'record, script, yaml, export, 录制, 导出', group, why: () => offline() || (desk.store.state.sockets.size ? '' : t('Nothing was done by hand yet.')), act: () => void saveAsDemo(demos) },
    { name: t('Save the demo as a file'), group, why: none, act: () => void keep(demos, (opened) => saveFile(opened, catalog)) },
  ];
}

/** One for each demo, by its name. @param {Demos} demos @returns {Action[]} */
export function openActions({ catalog, desk, front }) {
  return inOrder(catalog.entries).map((entry) => ({
    name: localise(entry.title), hint: localise(entry.summary), group: 'Demos', words: [entry.id, entry.title.en, entry.title.zh ?? '', ...entry.keywords ?? [], ...entry.terms ?? []].join(' '),
    why: () => (entry.network === 'lab' ? server(desk.network.whyNoLab) : ''), act: () => void front.openAddress(entry.id, { visit: true }),
  }));
}

/** The same beside the story. @param {Demos} demos @returns {MenuItem[]} */
export function storyMenu(demos) {
  const { catalog, desk, front, runner } = demos;
  return [
    { label: t('Copy link'), hint: t('the whole demo is in it'), act: () => void keep(demos, (opened) => copyLink(opened, catalog, desk.voice)) },
    { label: t('Save file'), act: () => void keep(demos, (opened) => saveFile(opened, catalog)) },
    ...(runner.active ? [{ label: t('Take over'), hint: t('ends the demo, keeps its sockets'), act: () => void runner.control('stop') }] : []),
    { label: t('Run again'), hint: t('in a new session'), act: () => void runAgain(demos) },
    { label: t('Save as demo'), hint: t('what was done by hand'), act: () => void saveAsDemo(demos) },
    { label: t('All demos'), act: () => front.openGallery() },
    { label: t('Close the story'), disabled: runner.active ? t('The demo is running; take over first.') : '', act: () => runner.close() },
  ];
}

/** What to go on with after a demo. @param {Demos} demos @param {string} id */
export function nextDemo({ catalog, desk, front }, id) {
  const entry = demoAfter(catalog.entries, id, desk.network.whyNoLab === '');
  return entry ? { title: localise(entry.title), open: () => void front.openAddress(entry.id, { visit: true }) } : null;
}

/** @param {Demos} demos */
export async function runFirst({ catalog, desk, runner }) {
  await catalog.loaded;
  const first = firstDemo(catalog.entries);
  if (!first) return desk.voice.notice(catalog.error || t('The demos could not be loaded.'));
  try {
    await runner.start(await catalog.open(first.id));
  } catch {
    desk.voice.notice(t('The demo could not be loaded. Check the connection and try again.'));
  }
}

/** @param {Demos} demos */
export async function runAgain(demos) {
  const { runner } = demos;
  const network = runner.run?.network;
  await keep(demos, (opened) => runner.start(opened, { network }));
}

/** Does something with the demo that ran here. @param {Demos} demos @param {(opened: Opened) => Promise<void>} act */
async function keep({ catalog, runner }, act) {
  const demo = runner.run?.demo;
  if (demo) await act({ demo, builtIn: await catalog.has(demo) });
}

/** @param {Demos} demos */
export async function saveAsDemo({ desk, files }) {
  const title = await askTitle();
  if (!title) return;
  try {
    const ok = await desk.store.send({ type: 'save_demo', title });
    if (ok.text !== undefined) await files.read(ok.text, title);
  } catch (error) {
    desk.voice.notice(messageOf(error));
  }
}
