/**
 * A number as it was typed in a field that may stay empty, and then says nothing. The server says what it does not take: 0
 * where there is none, and what is no number, which has none to be sent as.
 * @param {string} text
 */
export function typedNumber(text) {
  if (text.trim() === '') return undefined;
  const number = Number(text);
  return Number.isFinite(number) ? number : -1;
}
