import { sharedSettings } from '../../connections/settings'
import { triggerSettings } from '../../connections/trigger-settings'
import { settings, type Values } from '../../settings'
import { accessSettings } from '../aws/access'

export const sqsConfiguration = settings(accessSettings)

export const sqsConnection = settings({
  queue_url: {
    type: 'url',
    label: 'Queue URL',
    help: 'The queue to send to. A name that ends in .fifo: the mpid is the message group.',
    required: true,
    source: 'sqs',
  },
  max_message_bytes: {
    type: 'number',
    label: 'Largest Message',
    help: "The queue's MaximumMessageSize. A batch above it is split by its events.",
    default: 1_048_576,
    unit: 'bytes',
    min: 1024,
    max: 1_048_576,
    source: 'weir',
  },
  ...sharedSettings,
})

export const sqsTriggers = settings({
  queue_url: sqsConnection.queue_url,
  aws_region: {
    type: 'text',
    label: 'Region',
    help: "The queue's region, whatever its URL says.",
    required: true,
    pattern: '^[a-z0-9-]{2,32}$',
    patternHelp: 'must be a region such as eu-central-1',
    source: 'lytics',
  },
  message_attributes: {
    type: 'list',
    label: 'Event/User Attributes',
    help: 'The attributes and identities of the user that are sent as message attributes, too.',
    most: 10,
    default: [],
    source: 'lytics',
  },
  max_message_bytes: sqsConnection.max_message_bytes,
  ...triggerSettings,
})

export type SqsConfiguration = Values<typeof sqsConfiguration>
export type SqsConnection = Values<typeof sqsConnection>
