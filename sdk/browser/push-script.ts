export { watchPush } from './service-worker'
