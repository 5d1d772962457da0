/** The words of the contract that every module speaks. Their values are the GraphQL enum values and the database's. */
export const CATEGORIES = ['COMMERCIAL', 'TRANSACTIONAL'] as const;
export type Category = (typeof CATEGORIES)[number];

/** SMS Partner's `gamme`: PREMIUM = 1, ECO = 2. */
export const ROUTES = ['PREMIUM', 'ECO'] as const;
export type Route = (typeof ROUTES)[number];

export const ENCODINGS = ['GSM7', 'UCS2'] as const;
export type Encoding = (typeof ENCODINGS)[number];
