import { useFull } from './features/full'
import { install } from './global'

install(useFull)
