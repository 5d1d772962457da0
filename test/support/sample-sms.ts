import type { OutgoingSms } from '../../src/providers/index.js';

/** A plain call to one recipient; tests say only what matters to them. */
export function sampleSms(changes: Partial<OutgoingSms> = {}): OutgoingSms {
  return {
    tag: 'k3j9x0q7m2v5b8n1',
    recipients: ['+33612345678'],
    text: 'Votre colis est disponible au point relais de la gare',
    sender: 'BOUTIQUE',
    route: 'PREMIUM',
    stopMention: false,
    unicode: false,
    receiptUrl: 'http://127.0.0.1:9/receipts/secret',
    replyUrl: 'http://127.0.0.1:9/replies/secret',
    ...changes,
  };
}
