import type { FormField } from '../forms/form-field'

export const idField: FormField = {
  path: ['id'],
  row: {
    type: 'text',
    label: 'Id',
    help: 'Connections and other rules refer to it by its id, which cannot be changed later.',
    required: true,
  },
}

const ruleHelp =
  'A JSON object: {"all": […]}, {"any": […]}, {"not": …}, {"attribute": {…}}, {"event": {…}}, {"date": {…}} or {"audience": "ID"}.'

/** The fields of an audience. */
export const audienceFields: FormField[] = [
  { path: ['name'], row: { type: 'text', label: 'Name', help: 'For people. Empty: the id.' } },
  {
    path: ['slug'],
    row: {
      type: 'text',
      label: 'Slug',
      help: 'Its name in messages, beside its id. Empty: the id.',
    },
  },
  { path: ['rule'], row: { type: 'values', label: 'Rule', help: ruleHelp, required: true } },
]

export const noteField: FormField = {
  path: ['note'],
  row: { type: 'text', label: 'Note', help: 'Stored with this change in the history.' },
}

/** The profile on which a rule is tried out. */
export const tryFields: FormField[] = [
  {
    path: ['mpid'],
    row: { type: 'text', label: 'mpid', help: 'The id of a profile that weir has stored.' },
  },
  {
    path: ['profile'],
    row: {
      type: 'values',
      label: 'Or a made-up profile',
      help: 'A JSON object with attributes, identities, device, application and events.',
    },
  },
]

/** Rules to start from. */
export const examples: { title: string; rule: object }[] = [
  {
    title: 'Bought once, silent for 30 days',
    rule: {
      all: [
        { event: { type: 'commerce_event', where: { action: 'purchase' } } },
        { not: { event: { type: 'session_start', within: '30d' } } },
      ],
    },
  },
  {
    title: 'Spent 500 or more within 30 days',
    rule: {
      event: {
        type: 'commerce_event',
        where: { action: 'purchase' },
        within: '30d',
        sum: { property: 'total_amount', gte: 500 },
      },
    },
  },
  {
    title: 'Trial ends within 3 days, no plan yet',
    rule: {
      all: [
        { date: { attribute: 'trial_end', within: 'next 3d' } },
        { attribute: { plan: { $nin: ['pro', 'team'] } } },
      ],
    },
  },
]
