export { remember } from './context.js';
export type { GraphqlContext } from './context.js';
export { CategoryEnum, EncodingEnum, enumOf, RouteEnum } from './enums.js';
export { connectionTypes, PageArgs, readPage, toConnection, toPage } from './page.js';
export { CurrencyCode, PlainText, VALIDATED } from './validated.js';
export { DateTimeScalar, DecimalScalar, PhoneNumberScalar, SafeIntScalar } from './scalars.js';
export { SocketDoor } from './sockets/socket-door.js';
export type { Admission, Doorkeeper } from './sockets/socket-door.js';
export type { Presented } from './context.js';
