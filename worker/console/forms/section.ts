import { type FormField, nameOf } from './form-field'
import { type Sent, valueAt, withValue } from './read-form'

/** Fields that belong together, with a heading. */
export interface Section {
  title: string
  help?: string
  fields: FormField[]
  /** A group that is there or not: where it stands, and what a person is asked about it. */
  optional?: { path: string[]; label: string }
  /** Folded unless something in it is set or wrong. */
  isFolded?: boolean
}

/** The switch that says whether an optional group is there. */
export const groupSwitch = ({ path, label }: { path: string[]; label: string }): FormField => ({
  path: ['on', ...path],
  row: { type: 'switch', label, help: '', default: false },
})

export const namesOf = (sections: Section[]): string[] =>
  sections.flatMap(({ fields }) => fields.map(nameOf))

type Item = Record<string, unknown>

/** Whether the group of a section is there. */
export const hasGroup = ({ optional }: Section, item: Item): boolean =>
  optional !== undefined && valueAt(item, optional.path) !== undefined

/** An item without the groups that a form has switched off. */
export const withoutGroups = (sections: Section[], sent: Sent, item: Item): Item =>
  sections.reduce((left, { optional }) => {
    if (!optional || sent[nameOf(groupSwitch(optional))] !== undefined) return left
    return withValue(left, optional.path, undefined)
  }, item)
