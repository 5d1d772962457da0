import { type Body, Worded } from './answer.js';

const BEYOND_ASCII = /[\u0080-\uffff]/g;

/** As the page "Envoi unitaire" shows it: PHP's json_encode, with non-ASCII as \u00e0 and slashes as they are. */
export function writeJson(body: Body): string {
  const json = JSON.stringify(body, (_key, value: unknown) => (value instanceof Worded ? value.json : value));
  return json.replaceAll(BEYOND_ASCII, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
