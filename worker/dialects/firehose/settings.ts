import { settings, type Values } from '../../settings'

const feedSettings = settings({
  token: {
    type: 'secret',
    label: 'Token',
    help: 'Requests must have the header Authorization: Token … with it. At least 8 characters. Sealed when stored, never shown again.',
    required: true,
    minLength: 8,
  },
  module_name: {
    type: 'text',
    label: 'Module Name',
    help: 'The name of weir in mParticle’s directory of integrations, and the prefix of the custom flags that are meant for it.',
    default: 'weir',
    minLength: 1,
  },
  erasures: {
    type: 'switch',
    label: 'Erase Users',
    help: 'Data subject requests of the feed erase users here, including those of other inputs. Off: they are only passed on to the connections.',
    default: false,
  },
})

export type Firehose = Values<typeof feedSettings>

/** What is set on an input that is an integration of an mParticle account. */
/** The name of weir while no input is for Firehose. */
export const defaultModuleName = feedSettings.module_name.default

export const firehoseSettings = settings({
  firehose: {
    type: 'group',
    label: 'Firehose feed',
    help: 'A feed of mParticle’s Firehose, in which weir is one of the integrations.',
    switchLabel: 'Accept a feed of Firehose messages',
    rows: feedSettings,
  },
})
