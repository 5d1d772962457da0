/** What the provider may post to us. */
export type CallbackKind = 'receipt' | 'reply';

/** What became of a call that was heard out: forged is a secret that is nobody's, expired one that is too old. */
export type Reception = 'stored' | 'forged' | 'expired';

/** By the path under which a call came, whatever else is wrong with it; null: it is none of the provider's. */
export function kindOf(path: string): CallbackKind | null {
  if (path.startsWith('/callbacks/receipts/')) return 'receipt';
  return path.startsWith('/callbacks/replies/') ? 'reply' : null;
}
