/** A push message. */
export interface PushMessage {
  /** The payload: text, or a value that is sent as JSON. */
  payload?: unknown
  /** The text that was shown. */
  message?: string | undefined
  /** The action of the message that the user chose. */
  action?: string | undefined
  /** The token that it was sent to. */
  token?: string | undefined
}

/** The data of a `push_message` event. */
export const pushMessage = (
  push_message_type: 'received' | 'action',
  { payload, message, action, token }: PushMessage = {}
) => ({
  push_message_type,
  application_state: globalThis.document ? 'foreground' : 'background',
  push_message_token: token,
  push_notification_payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  message,
  action_identifier: action,
})

/**
 * The message from a page to its service worker: the address of uploads, and a batch without its
 * events, as JSON.
 */
export type Introduction = [name: 'weir', key: string, url: string, head: string]
