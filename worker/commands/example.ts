import type { WorkspaceFile } from '../config/workspace-file'
import { type AdminApi, readWorkspace, saveWorkspace } from './admin-api'

/** The name of the example's queue and of its bucket. */
export const exampleName = 'weir-demo'
export const exampleKey = 'demo-web-key'
export const exampleFirehoseToken = 'demo-firehose-token'

const queueUrl = (awsUrl: string): string => `${awsUrl}/000000000000/${exampleName}`

/** The workspace that a local deployment starts with. */
export const exampleWorkspace = (awsUrl: string) => {
  const access = { access_key_id: 'test', secret_access_key: 'test', endpoint_url: awsUrl }
  // Everything that a page can send, so that the demo shows it.
  const queueSettings = {
    queue_url: queueUrl(awsUrl),
    include_user_attribute_change_events: true,
    include_user_identity_change_events: true,
    include_consent_state: true,
    send_alias_requests: true,
  }
  const lakeSettings = {
    bucket_name: exampleName,
    folder_name: 'events',
    store_by_date: 'event_time_or_upload_time',
    file_seconds: 3,
  }
  return {
    inputs: [
      { id: 'web', name: 'Demo', platform: 'web', key: exampleKey, secret: 'demo-web-secret' },
      {
        id: 'mobile',
        name: 'Demo app',
        platform: 'android',
        mobile_analytics: {
          app_id: 'demo-app',
          access_keys: [
            { access_key_id: 'demo-mobile-key', secret_access_key: 'demo-mobile-secret' },
          ],
        },
      },
      {
        id: 'firehose',
        name: 'Demo Firehose',
        platform: 'server',
        firehose: { token: exampleFirehoseToken, erasures: true },
      },
    ],
    outputs: [
      { id: 'queue', name: 'Local SQS', kind: 'sqs', settings: access },
      {
        id: 'lake',
        name: 'Local S3',
        kind: 's3',
        settings: { ...access, aws_region: 'us-east-1' },
      },
    ],
    connections: [
      { id: 'web-queue', input: 'web', output: 'queue', settings: queueSettings },
      { id: 'web-lake', input: 'web', output: 'lake', settings: lakeSettings },
      { id: 'mobile-queue', input: 'mobile', output: 'queue', settings: queueSettings },
      { id: 'mobile-lake', input: 'mobile', output: 'lake', settings: lakeSettings },
      { id: 'firehose-queue', input: 'firehose', output: 'queue', settings: queueSettings },
      { id: 'firehose-lake', input: 'firehose', output: 'lake', settings: lakeSettings },
    ],
    audiences: [],
    alerts: [],
  }
}

/**
 * The workspace with the example's outputs, `queue` and `lake`, pointed to the present address of the
 * local AWS. Outputs that do not point to this machine were changed by their owner and stay.
 */
export const movedTo = (awsUrl: string, file: WorkspaceFile): WorkspaceFile => {
  const moved = new Map<string, string>()
  for (const { id, settings } of file.outputs) {
    const { endpoint_url: url } = settings
    const isExample = id === 'queue' || id === 'lake'
    if (isExample && typeof url === 'string' && /^http:\/\/127\.0\.0\.1:\d+$/.test(url)) {
      moved.set(id, url)
    }
  }
  return {
    ...file,
    outputs: file.outputs.map((output) =>
      moved.has(output.id)
        ? { ...output, settings: { ...output.settings, endpoint_url: awsUrl } }
        : output
    ),
    connections: file.connections.map((connection) => {
      const { queue_url: url } = connection.settings
      const isMoved =
        typeof url === 'string' && url === queueUrl(moved.get(connection.output) ?? '')
      if (!isMoved) return connection
      return { ...connection, settings: { ...connection.settings, queue_url: queueUrl(awsUrl) } }
    }),
  }
}

/** Saves the example in an empty workspace; in any other, updates the example's addresses. */
export const seedExample = async (
  api: AdminApi,
  awsUrl: string
): Promise<'seeded' | 'moved' | 'unchanged'> => {
  const { version, workspace } = await readWorkspace(api)
  // Unverified: the verification would be the first object to land.
  const save = (file: unknown) => saveWorkspace(api, file, '?verify=false')
  if (version === 0) {
    await save(exampleWorkspace(awsUrl))
    return 'seeded'
  }
  const moved = movedTo(awsUrl, workspace)
  if (JSON.stringify(moved) === JSON.stringify(workspace)) return 'unchanged'
  await save(moved)
  return 'moved'
}
