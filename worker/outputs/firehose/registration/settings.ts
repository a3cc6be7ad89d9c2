import type { NumberSetting, Setting } from '../../../../sdk/firehose/registration'
import type { Json, JsonObject } from '../../../base/json'
import {
  filled,
  type Notes,
  quoted,
  readFlag,
  readNumber,
  readObjects,
  readText,
  refuse,
  warn,
} from './values'

/** The settings that an integration asks for in one of its lists. */
export const readSettingList = (value: Json | undefined, path: string, notes: Notes): Setting[] =>
  readObjects(value, path, notes).flatMap(([at, one]) => readSetting(one, at, notes) ?? [])

type Base = Pick<Setting, 'id' | 'name' | 'description' | 'visible'>

const readSetting = (given: JsonObject, path: string, notes: Notes): Setting | undefined => {
  const id = readText(given.id)
  if (!id) {
    refuse(notes, `${path}.id`, 'is missing: the setting’s value could not be sent.')
    return undefined
  }
  const name = readText(given.name)
  if (!name) warn(notes, `${path}.name`, `is missing; the setting is called ${id}.`)
  const base: Base = {
    id,
    name: name ?? id,
    ...filled({ description: readText(given.description), visible: readFlag(given.visible) }),
  }
  switch (given.type) {
    case 'integer':
    case 'float':
      return readNumberSetting({ ...base, type: given.type }, { given, path }, notes)
    case 'boolean': {
      const flags = {
        default_value: readFlag(given.default_value),
        checked: readFlag(given.checked),
      }
      return { ...base, type: 'boolean', ...filled(flags) }
    }
    default:
      return readTextSetting(base, { given, path }, notes)
  }
}

interface Given {
  given: JsonObject
  path: string
}

const readTextSetting = (base: Base, { given, path }: Given, notes: Notes): Setting => {
  if (given.type !== 'text') {
    warn(notes, `${path}.type`, `is ${quoted(given.type)}, which is unknown and taken for text.`)
  }
  const rest = filled({
    default_value: readText(given.default_value),
    required: readFlag(given.required),
    confidential: readFlag(given.confidential),
  })
  return { ...base, type: 'text', ...rest }
}

// Another value would be sent than the integration has named. Bounds do no harm: they are far off.
const isRounded = (value: number, type: NumberSetting['type']): boolean =>
  type === 'integer' && !Number.isSafeInteger(value)

const readNumberSetting = (
  base: Base & Pick<NumberSetting, 'type'>,
  { given, path }: Given,
  notes: Notes
): Setting => {
  const number = (field: 'default_value' | 'min_value' | 'max_value'): number | undefined => {
    const value = given[field]
    const read = readNumber(value)
    const isRead = read !== undefined && (base.type === 'float' || Number.isInteger(read))
    if (!isRead && value !== undefined && value !== null) {
      warn(notes, `${path}.${field}`, `is ${quoted(value)}, no ${base.type}, and was ignored.`)
    }
    if (isRead && field === 'default_value' && isRounded(read, base.type)) {
      const message = `is ${quoted(value)}, more than a number can hold, and was ignored.`
      warn(notes, `${path}.${field}`, message)
      return undefined
    }
    return isRead ? read : undefined
  }
  const rest = filled({
    default_value: number('default_value'),
    min_value: number('min_value'),
    max_value: number('max_value'),
    required: readFlag(given.required),
  })
  return { ...base, ...rest }
}
