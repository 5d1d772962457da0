import type { FirstRunKeys } from './first-run.js';

const SEND = `mutation { sendSms(input: { to: ["+33612345678"], text: "Hello from Relais", category: TRANSACTIONAL }) { ... on Message { id number status parts cost currency } ... on Refusal { code message } } }`;
const LOOK = `{ messages(first: 1) { nodes { number status cost deliveries { nodes { phoneNumber status } } timeline { at kind detail } } } }`;

/** What a person reads after the start. Secrets stand here once, on the first run, and nowhere else. */
export function banner(address: string | null, keys: FirstRunKeys | null): string {
  if (address === null) return '\nRelais is up: a worker, which listens nowhere\n\n';
  const lines = ['', `Relais is up: ${address}/graphql (open it in a browser for GraphiQL)`];
  if (keys?.adminKey) lines.push(`Administrator key: ${keys.adminKey}`);
  if (keys?.demoKey) lines.push(`Demo tenant key:   ${keys.demoKey}`);
  if (keys?.adminKey || keys?.demoKey) lines.push('Keep what is shown here: it is shown this once.');
  const key = keys?.demoKey ?? 'rk_YOUR_KEY';
  lines.push('', 'Send an SMS:', curl(address, key, SEND), '', 'See it delivered:', curl(address, key, LOOK));
  return `${lines.join('\n')}\n\n`;
}

const curl = (address: string, key: string, query: string): string =>
  `  curl -s ${address}/graphql -H 'content-type: application/json' -H 'authorization: Bearer ${key}' -d '${JSON.stringify({ query })}'`;
