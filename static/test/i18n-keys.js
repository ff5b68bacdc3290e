// Every text that the page's modules give to t(), found in their syntax.

import { readFileSync, readdirSync } from 'node:fs';
import ts from 'typescript';

const HERE = new URL('../js/', import.meta.url);

/** Properties that hold names for the program, in what texts() marks. */
const NO_TEXT = new Set(['name', 'unit', 'type', 'key', 'series', 'rule', 'on']);

/** @typedef {{file: string, text: string}} Key */

/** The modules of the page, dictionaries left out. @returns {string[]} */
export function modules() {
  return readdirSync(HERE, { recursive: true }).filter((name) => name.endsWith('.js') && !name.startsWith('zh/')).sort();
}

/** @param {string} file */
export function parse(file) {
  return ts.createSourceFile(file, readFileSync(new URL(file, HERE), 'utf8'), ts.ScriptTarget.Latest, true);
}

/** What t(), pieces() and texts() are given as literals. @param {string} file @returns {Key[]} */
export function keysOf(file) {
  /** @type {Key[]} */
  const keys = [];
  /** @param {ts.Node} node @param {boolean} inObject */
  const marked = (node, inObject) => {
    if (ts.isStringLiteralLike(node)) {
      if (inObject || !isIdentifier(node.text)) keys.push({ file, text: node.text });
    } else if (ts.isPropertyAssignment(node)) {
      const name = ts.isIdentifier(node.name) || ts.isStringLiteral(node.name) ? node.name.text : '';
      if (!NO_TEXT.has(name)) marked(node.initializer, true);
    } else if (ts.isArrayLiteralExpression(node)) node.elements.forEach((element) => marked(element, false));
    else if (!ts.isFunctionLike(node)) ts.forEachChild(node, (child) => marked(child, inObject));
  };
  /** @param {ts.Node} node */
  const given = (node) => {
    if (ts.isStringLiteralLike(node)) keys.push({ file, text: node.text });
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(given);
    else if (ts.isBinaryExpression(node)) [node.left, node.right].forEach(given);
    else if (ts.isParenthesizedExpression(node)) given(node.expression);
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.arguments.length > 0) {
      if (node.expression.text === 'texts') marked(node.arguments[0], false);
      if (node.expression.text === 't' || node.expression.text === 'pieces') given(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return keys;
}

/** In a list, a word all in one case is an id or a name of the protocol, as "slow_read" and "LISTEN". @param {string} text */
function isIdentifier(text) {
  return !/[a-zA-Z]/.test(text) || /^[a-z0-9_]+$|^[A-Z0-9_, ]+$/.test(text);
}

/** Texts and labels of index.html. @returns {string[]} */
export function pageTexts() {
  const html = readFileSync(new URL('../index.html', import.meta.url), 'utf8').replace(/^[^]*<body>/, '').replace(/<svg[^]*?<\/svg>|<!--[^]*?-->|<noscript>|<\/noscript>/g, '');
  const texts = [...html.matchAll(/ (?:aria-label|title|placeholder)="([^"]+)"/g)].map((m) => m[1]);
  texts.push(...html.replace(/<[^>]*>/g, '\n').split('\n'));
  return [...new Set(texts.map((text) => text.trim()).filter((text) => /[A-Za-z]/.test(text)))];
}

/** Every string of a module: a text may reach t() by way of a value. @param {string} file @returns {string[]} */
export function stringsOf(file) {
  /** @type {string[]} */
  const strings = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isStringLiteralLike(node)) strings.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(parse(file));
  return strings;
}

const SHOWN = new Set(['aria-label', 'aria-description', 'title', 'placeholder']);
/** What is written the same in every language: names of the field, units, keys, and forms of what one types. */
const SAME = /^(?:[A-Z0-9_ ,/-]+|[a-z]+-Q|Ctrl K|ms|s|sock_diag|Base64|hex|base64|Read\(\)|Set\w*Deadline|QuickACK|RTT|netstat|127\.0\.0\.1:8330|:8330|1 MiB|[-\d\s]*)$/;

/** Strings that go to the screen or to a reader as they stand. @param {string} file @returns {string[]} */
export function bareTexts(file) {
  /** @type {string[]} */
  const bare = [];
  const source = parse(file);
  /** @param {ts.Node|undefined} node */
  const check = (node) => {
    if (!node) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const text = ts.isTemplateExpression(node) ? node.head.text + node.templateSpans.map((span) => span.literal.text).join('') : node.text;
      if (/[A-Za-z]{2}/.test(text) && !SAME.test(text.trim())) bare.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText()}`);
    } else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(check);
    else if (ts.isBinaryExpression(node) && ['&&', '||', '??', '+'].includes(node.operatorToken.getText())) [node.left, node.right].forEach(check);
    else if (ts.isParenthesizedExpression(node)) check(node.expression);
    else if (ts.isArrayLiteralExpression(node)) node.elements.forEach(check);
  };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isCallExpression(node)) {
      const called = ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : node.expression.getText();
      const [first, second, third] = node.arguments;
      if (called === 'el' && first.getText() !== "'code'") node.arguments.slice(2).forEach(check);
      if (called === 'setText') check(second);
      if (called === 'setAttr' && ts.isStringLiteral(second) && SHOWN.has(second.text)) check(third);
      if (['say', 'alert', 'notice'].includes(called)) check(first);
    }
    if (ts.isPropertyAssignment(node) && ts.isStringLiteral(node.name) && SHOWN.has(node.name.text)) check(node.initializer);
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && SHOWN.has(node.name.text) && node.parent.parent.kind === ts.SyntaxKind.CallExpression) check(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return bare;
}
