export { SchedulingModule } from './scheduling.module.js';
export { SEND_POLICIES } from './send-policy.js';
export { SendWindows } from './send-windows.js';
export type { HoldReason, SendWindow } from './send-windows.js';
export { TERRITORIES } from './territory.js';
export type { Territory } from './territory.js';
export { Ticker } from './ticker.js';
