import { useDefault } from './features/default'
import { install } from './global'

install(useDefault)
