import type { Input } from '../../config/input'
import type { Output, StoredAudience } from '../../config/workspace-file'
import { sharedSettings } from '../../connections/settings'
import { outputKinds } from '../../outputs'
import type { SettingRow } from '../../settings'
import { type FormField, fieldsOf } from '../forms/form-field'
import { idSection } from '../forms/id-section'
import type { Section } from '../forms/section'
import { integrationFields } from './integration-fields'

/** The items that a connection can connect. */
export interface Parts {
  inputs: Input[]
  audiences: StoredAudience[]
  outputs: Output[]
}

export interface Kind {
  output: Output
  isOfAudiences: boolean
}

const optionsOf = (items: { id: string; name: string }[]) =>
  items.map(({ id, name }) => ({ value: id, label: name === '' ? id : `${name} (${id})` }))

const sourceRow = (
  { inputs, audiences }: Parts,
  isOfAudiences: boolean
): Record<string, SettingRow> =>
  isOfAudiences
    ? {
        audiences: {
          type: 'list',
          label: 'Audiences',
          help: 'The output gets a message when a user enters or leaves one of them.',
          required: true,
          choices: optionsOf(audiences),
        },
      }
    : {
        input: {
          type: 'choice',
          label: 'Input',
          help: 'Events of this input go to the output.',
          required: true,
          choices: optionsOf(inputs),
        },
      }

const basicRows = (parts: Parts, isOfAudiences: boolean): Record<string, SettingRow> => ({
  name: { type: 'text', label: 'Name', help: 'For people.' },
  ...sourceRow(parts, isOfAudiences),
  enabled: {
    type: 'switch',
    label: 'Enabled',
    help: 'Off: nothing is delivered. Deliveries that wait are kept until it is on again; events that come in meanwhile are not sent later.',
    default: true,
  },
  shards: {
    type: 'number',
    label: 'Shards',
    help: 'How many outboxes share the work; each handles some 2,000 batches a second. Lower it only when nothing waits.',
    default: 1,
    unit: 'outboxes',
    min: 1,
    max: 256,
  },
})

const settingFields = ({ output, isOfAudiences }: Kind): FormField[] => {
  const kind = outputKinds[output.kind]
  const rows: Record<string, SettingRow> = isOfAudiences ? kind.triggers : kind.connection
  const fields = fieldsOf(rows, 'settings')
  // With a registration, `integrationFields` shows its settings one by one instead.
  return output.registration ? fields.filter(({ row }) => row.type !== 'values') : fields
}

const isShared = ({ path }: FormField): boolean =>
  Object.hasOwn(sharedSettings, path[path.length - 1] ?? '')

/** The sections of a connection's form, from the settings tables and from the registration. */
export const connectionSections = (parts: Parts, kind: Kind, isNew: boolean): Section[] => {
  const { output, isOfAudiences } = kind
  const fields = settingFields(kind)
  const integrationSettings = integrationFields(output, isOfAudiences ? 'audiences' : 'events')
  const integration: Section = { title: 'Settings of the integration', fields: integrationSettings }
  const sent: Section = { title: 'What is sent', isFolded: true, fields: fields.filter(isShared) }
  return [
    ...(isNew ? [idSection('connection')] : []),
    { title: 'Basics', fields: fieldsOf(basicRows(parts, isOfAudiences)) },
    ...(integrationSettings.length > 0 ? [integration] : []),
    {
      title: outputKinds[output.kind].label,
      fields: fields.filter((field) => !isShared(field)),
    },
    ...(sent.fields.length > 0 ? [sent] : []),
  ]
}
