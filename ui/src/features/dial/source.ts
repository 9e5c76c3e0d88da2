// Through which source this browser's owner calls, where several can dial. Kept in the browser: it is the telephone on
// this desk that rings.

const key = 'callhue.dial'

/** The source that was chosen last; empty for none, and from a storage that is forbidden. */
export function readSource(storage: Pick<Storage, 'getItem'>): string {
  try {
    return storage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

/** Keeps the choice; a full or forbidden storage only costs the memory of it. */
export function saveSource(storage: Pick<Storage, 'setItem'>, source: string): void {
  try {
    storage.setItem(key, source)
  } catch (error) {
    console.warn('the source for calls is not kept:', error)
  }
}
