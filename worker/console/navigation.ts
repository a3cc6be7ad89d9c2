export const pages = [
  { id: 'overview', path: '', label: 'Overview' },
  { id: 'inputs', path: '/inputs', label: 'Inputs' },
  { id: 'outputs', path: '/outputs', label: 'Outputs' },
  { id: 'connections', path: '/connections', label: 'Connections' },
  { id: 'audiences', path: '/audiences', label: 'Audiences' },
  { id: 'live', path: '/live', label: 'Live' },
  { id: 'deliveries', path: '/deliveries', label: 'Deliveries' },
  { id: 'rejected', path: '/rejected', label: 'Rejected' },
  { id: 'profiles', path: '/profiles', label: 'Profiles' },
] as const

export type PageId = (typeof pages)[number]['id']
