/** NEW: to be applied; APPLIED; REDUNDANT: told nothing new; UNREADABLE; UNKNOWN: names no recipient of its attempt. */
export type ReceiptState = 'NEW' | 'APPLIED' | 'REDUNDANT' | 'UNREADABLE' | 'UNKNOWN';
