export { CallbacksModule } from './callbacks.module.js';
export { CallbacksWorkers } from './workers.js';
