export { tearDown as default } from './setup';
