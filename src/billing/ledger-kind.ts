/** CREDIT: an administrator's adjustment, either way; RESERVATION: a message was accepted; REFUND: of it something did not go. */
export type LedgerKind = 'CREDIT' | 'RESERVATION' | 'REFUND';
