import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    gateUrl: string
  }
}
