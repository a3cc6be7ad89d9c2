import type { Permissions, Registration, Setting } from '../../../sdk/firehose/registration'
import { Table } from '../components/table'

const wordsOf = (name: string): string => name.replace(/^allow_(access_)?/, '').replaceAll('_', ' ')

const identityWords = (identities: { type: string; encoding: string; required?: boolean }[] = []) =>
  identities.map(({ type, encoding, required }) => {
    const more = [...(encoding === 'raw' ? [] : [encoding]), ...(required ? ['required'] : [])]
    return more.length === 0 ? type : `${type} (${more.join(', ')})`
  })

/** What an integration may be sent, in words. */
const permitted = (permissions: Permissions = {}): string[] => [
  ...identityWords(permissions.user_identities),
  ...identityWords(permissions.device_identities),
  ...identityWords(permissions.partner_identities),
  ...Object.entries(permissions).flatMap(([name, value]) => (value === true ? wordsOf(name) : [])),
]

const listed = (names: string[] | undefined, otherwise: string): string =>
  names && names.length > 0 ? names.join(', ') : otherwise

const wants = (registration: Registration): string => {
  const {
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  const all = [events ? 'events' : '', audiences ? 'audiences' : '', dsr ? 'erasures' : '']
  return listed(
    all.filter((name) => name !== ''),
    'nothing'
  )
}

interface Registered {
  setting: Setting
  per: string
}

const settingsOf = (registration: Registration): Registered[] => {
  const {
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  const rows = (settings: Setting[] | undefined, per: string) =>
    (settings ?? []).map((setting) => ({ setting, per }))
  return [
    ...rows(events?.account_settings, 'connection'),
    ...rows(events?.event_connection_settings, 'connection'),
    ...rows(audiences?.account_settings, 'connection of audiences'),
    ...rows(audiences?.audience_subscription_settings, 'audience'),
    ...rows(dsr?.account_settings, 'connection'),
  ]
}

const isRequired = (setting: Setting): boolean =>
  setting.type !== 'boolean' && setting.required === true

const isConfidential = (setting: Setting): boolean =>
  setting.type === 'text' && setting.confidential === true

/** The registration of an integration. */
export const RegistrationPanel = ({
  registration,
  path,
}: {
  registration: Registration
  path: string
}) => {
  const events = registration.event_processing_registration
  const settings = settingsOf(registration)
  return (
    <section class="panel">
      <h2>Registration</h2>
      <dl class="facts">
        <Fact name="Integration">{`${registration.name} ${registration.version}`}</Fact>
        {registration.description ? (
          <Fact name="Description">{registration.description}</Fact>
        ) : null}
        <Fact name="Wants">{wants(registration)}</Fact>
        {events ? (
          <Fact name="Event types">{listed(events.supported_event_types, 'none')}</Fact>
        ) : null}
        {events ? (
          <Fact name="Runtimes">{listed(events.supported_runtime_environments, 'all')}</Fact>
        ) : null}
        <Fact name="May see">
          {listed(permitted(registration.permissions), 'nothing of the user')}
        </Fact>
      </dl>
      {settings.length === 0 ? null : <SettingsTable settings={settings} />}
      <form method="post" action={`${path}/registration`} class="actions">
        <button type="submit" class="quiet">
          Fetch again
        </button>
      </form>
    </section>
  )
}

const Fact = ({ name, children }: { name: string; children: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

const SettingsTable = ({ settings }: { settings: Registered[] }) => (
  <Table
    label="Settings of the integration"
    columns={['Setting', 'ID', 'Type', 'Per', 'Required', 'Confidential']}
    rows={settings.map(({ setting, per }) => [
      setting.name,
      <code>{setting.id}</code>,
      setting.type,
      per,
      isRequired(setting) ? 'yes' : 'no',
      isConfidential(setting) ? 'yes' : 'no',
    ])}
  />
)
