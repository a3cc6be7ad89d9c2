import { fieldsOf } from '../forms/form-field'
import type { Section } from '../forms/section'

export const idSection = (what: string): Section => ({
  title: 'Name',
  fields: fieldsOf({
    id: {
      type: 'text',
      label: 'ID',
      help: `What the ${what} is called by everything else: a-z, 0-9, - and _. It cannot be changed.`,
      required: true,
    },
  }),
})

export const basicSection: Section = {
  title: 'Basics',
  fields: fieldsOf({
    name: { type: 'text', label: 'Name', help: 'For people.' },
    platform: {
      type: 'choice',
      label: 'Platform',
      help: 'What sends to it.',
      default: 'web',
      choices: [
        { value: 'web', label: 'Web' },
        { value: 'ios', label: 'iOS' },
        { value: 'android', label: 'Android' },
        { value: 'server', label: 'Server' },
      ],
    },
    enabled: {
      type: 'switch',
      label: 'Enabled',
      help: 'Off: whatever is sent to it is refused.',
      default: true,
    },
    key: {
      type: 'text',
      label: 'Key',
      help: 'Names the input in what is sent to it; anybody may see it in a page. Not needed where only Mobile Analytics or a Firehose feed comes in.',
    },
    secret: {
      type: 'secret',
      label: 'Secret',
      help: 'What servers sign in with, beside the key, at the Events API. Sealed when stored, never shown again.',
    },
    allowed_origins: {
      type: 'list',
      label: 'Allowed Origins',
      help: 'The sites whose pages may send, one per line, such as https://shop.example.com. * allows all.',
      most: 1000,
    },
    app_name: {
      type: 'text',
      label: 'App Name',
      help: 'What files in S3 begin with; otherwise the application name that batches bring.',
    },
  }),
}

export const serverSection: Section = {
  title: 'Identities and the Events API',
  isFolded: true,
  fields: fieldsOf({
    login_identities: {
      type: 'list',
      label: 'Login Identities',
      help: 'The identities with which a user counts as logged in, one per line. Empty: customer_id and email.',
      most: 100,
    },
    batches_per_second: {
      type: 'number',
      label: 'Batches per Second',
      help: 'The most that the Events API takes. Empty: no limit.',
      unit: 'batches',
      min: 1,
      max: 1_000_000,
    },
  }),
}

export const webSdkSection: Section = {
  title: "mParticle's web SDK",
  help: 'What that SDK is told when a page loads it. The SDK of weir needs none of it.',
  isFolded: true,
  fields: fieldsOf(
    {
      upload_interval_ms: {
        type: 'number',
        label: 'Upload Interval',
        help: 'Below 500 each event is an upload of its own.',
        default: 5000,
        unit: 'ms',
        min: 0,
        max: 3_600_000,
      },
      offline_storage: {
        type: 'switch',
        label: 'Offline Storage',
        help: 'Keep batches that were not sent in the browser. They outlive a crash of the page; but of several uploads that fail at a time, the SDK keeps only one.',
        default: false,
      },
      background_events: {
        type: 'switch',
        label: 'Background Events',
        help: 'Record that a page is left.',
        default: true,
      },
      capture_integration_ids: {
        type: 'switch',
        label: 'Capture Integration IDs',
        help: 'Collect click ids of advertisers from addresses and cookies.',
        default: false,
      },
    },
    'web_sdk'
  ),
}
