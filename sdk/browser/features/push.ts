import type { Feature } from '../core'
import { envelope } from '../envelope'
import { type Introduction, type PushMessage, pushMessage } from '../push-message'

/** Methods of the feature {@link push}. */
export interface Push {
  /**
   * Records a push token, and passes the user to the service worker's `watchPush`.
   *
   * @param token a token, or a subscription of the browser's push manager
   * @example
   * const { pushManager } = await navigator.serviceWorker.ready
   * weir.registerPush(await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }))
   */
  registerPush(token: string | PushSubscription): void
  /** Records that a token is no longer valid. */
  unregisterPush(token: string | PushSubscription): void
  /** Records that the page received a message, or that the user chose an action of one. */
  trackPush(type: 'received' | 'action', message?: PushMessage): void
}

// The name in the store; set while a token is registered.
const REGISTERED = 'push'

/** Registration and receipt of push messages. */
export const push =
  (): Feature<Push> =>
  ({ options, store, url, record, hooks }) => {
    const introduce = async () => {
      if (!store.get(REGISTERED)) return
      const registration = await navigator.serviceWorker?.ready
      const introduction: Introduction = ['weir', options.key, url, envelope(options, store, '')]
      registration?.active?.postMessage(introduction)
    }
    // In a later task, when the change is stored.
    hooks.push(({ event_type }) => {
      if (event_type === 'user_identity_change') setTimeout(introduce)
    })

    const register = (register: boolean) => (token: string | PushSubscription) => {
      record('push_registration', {
        register,
        registration_token: typeof token === 'string' ? token : JSON.stringify(token),
      })
      store.set(REGISTERED, register ? '1' : '')
      void introduce()
    }

    return {
      registerPush: register(true),
      unregisterPush: register(false),
      trackPush: (type, message) => record('push_message', pushMessage(type, message)),
    }
  }
