import { settings, type Values } from '../settings'
import { sharedSettings } from './settings'

/** The settings that audience connections have for every output. */
export const triggerSettings = settings({
  audience_events: {
    type: 'choice',
    label: 'Audience Events',
    help: 'Which changes of membership are sent.',
    default: 'both',
    choices: [
      { value: 'both', label: 'Enters and exits' },
      { value: 'enters', label: 'Enters only' },
      { value: 'exits', label: 'Exits only' },
    ],
    source: 'lytics',
  },
  user_fields: {
    type: 'list',
    label: 'User Fields',
    help: 'The attributes and identities of the user to send in data. Empty: all.',
    most: 100,
    default: [],
    source: 'lytics',
  },
  existing_users: {
    type: 'switch',
    label: 'Existing Users',
    help: 'Send an enter event, once, for every user who is already in the audiences.',
    default: false,
    source: 'lytics',
  },
  retention_hours: sharedSettings.retention_hours,
})

/** What `applyTriggers` obeys: the shared settings and those that only some outputs have. */
export type TriggerSettings = Values<typeof triggerSettings> & {
  /** Whether the output takes messages; otherwise files of lines. */
  isQueue: boolean
  message_attributes?: string[]
  max_message_bytes?: number
  store_by_date?: string
}
