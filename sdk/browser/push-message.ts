/** A message that came by push. */
export interface PushMessage {
  /** What came: text, or what becomes JSON. */
  payload?: unknown
  /** The text shown. */
  message?: string | undefined
  /** Which of the message's actions the user chose. */
  action?: string | undefined
  /** The token that it came by. */
  token?: string | undefined
}

/** A message as data of a `push_message` event. */
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

/** What a page tells its service worker: where uploads go, and a batch but for its events, as JSON. */
export type Introduction = [name: 'weir', key: string, url: string, head: string]
