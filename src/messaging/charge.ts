/** What became of a delivery's price: RESERVED at acceptance, CHARGED when the provider took it, RETURNED once, or NONE (sandbox, opted out). */
export type Charge = 'RESERVED' | 'CHARGED' | 'RETURNED' | 'NONE';
